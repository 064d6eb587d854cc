// How many bytes a second of the processor npm's @medplum/core parses: for each folder of FOLDER, all of its messages again
// and again, after warming up. Prints lines NAME, tab, bytes a second.
//   node parse_medplum.js FOLDER         with @medplum/core where tests/interop/mllp_clients has it
const fs = require('node:fs');
const path = require('node:path');
const modules = path.join(__dirname, '../interop/mllp_clients/node_modules');
const { Hl7Message } = require(path.join(modules, '@medplum/core'));

const roundUs = 200_000;
const rounds = 15;

// The bytes are texts already: decoding them is not counted.
function rate(messages, bytes) {
  const begun = process.cpuUsage();
  let done = 0;
  let segments = 0;
  let took;
  do {
    for (const message of messages) segments += Hl7Message.parse(message).segments.length;
    done += bytes;
    const used = process.cpuUsage(begun);
    took = used.user + used.system;
  } while (took < roundUs);
  if (segments === 0) throw new Error('nothing was parsed');
  return (done * 1e6) / took;
}

for (const name of fs.readdirSync(process.argv[2])) {
  const folder = path.join(process.argv[2], name);
  const messages = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), 'latin1'));
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  let best = 0;
  for (let round = 0; round < rounds; ++round) best = Math.max(best, rate(messages, bytes));
  console.log(`${name}\t${best.toFixed(0)}`);
}
