// Sends HL7 v2 files with npm's node-hl7-client over one connection and prints MSA-1 and MSA-2 of each answer.
//   node send_node_hl7.js HOST PORT FILE...
const fs = require('node:fs');
const { Client, Message } = require('node-hl7-client');

const [host, port, ...files] = process.argv.slice(2);
const connection = new Client({ host }).createConnection({ port: Number(port), waitAck: true }, (response) => {
  const answer = response.getMessage();
  console.log(`MSA|${answer.get('MSA.1').toString()}|${answer.get('MSA.2').toString()}`);
  sendNext();
});

async function sendNext() {
  const file = files.shift();
  if (file === undefined) return connection.close();
  await connection.sendMessage(new Message({ text: fs.readFileSync(file, 'utf8') }));
}

connection.once('connect', sendNext);
connection.on('client.error', (error) => {
  console.error(error.message);
  process.exit(1);
});
