// Does nothing for as long as it is let.
setInterval(() => {}, 1000);
