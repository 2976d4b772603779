// Ends itself by the signal it is given.
process.kill(process.pid, process.argv[2]);
setInterval(() => {}, 1000);
