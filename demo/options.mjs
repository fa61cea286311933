// The bots' command lines: --name value pairs, checked against what a bot takes.

/** {names} -> values; an option given several times is a list. Ends the program when the line is wrong. */
export function options(usage, names, argv = process.argv.slice(2)) {
  const wrong = (why) => {
    console.error(`${why}\nusage: ${usage}`);
    process.exit(2);
  };
  const values = {};
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, "");
    if (!argv[i].startsWith("--") || !(name in names)) wrong(`unknown option ${argv[i]}`);
    if (argv[i + 1] === undefined) wrong(`--${name} needs a value`);
    (values[name] ??= []).push(argv[i + 1]);
  }
  for (const name of Object.keys(names)) {
    values[name] ??= names[name] === null ? wrong(`--${name} is missing`) : [names[name]];
  }
  return values;
}
