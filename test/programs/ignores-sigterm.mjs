// Stays, whatever SIGTERM says.
process.on('SIGTERM', () => console.log('ignored'));
setInterval(() => {}, 1000);
console.log('ready');
