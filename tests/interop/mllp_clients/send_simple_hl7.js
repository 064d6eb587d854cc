// Sends HL7 v2 files with npm's simple-hl7 over one connection and prints MSA-1 and MSA-2 of each answer.
//   node send_simple_hl7.js HOST PORT FILE...
const fs = require('node:fs');
const hl7 = require('simple-hl7');

const [host, port, ...files] = process.argv.slice(2);
const parser = new hl7.Parser({ segmentSeperator: '\r' });
const client = hl7.Server.createTcpClient({ host, port: Number(port), keepalive: true });

function sendNext() {
  const file = files.shift();
  if (file === undefined) {
    client.close();
    return;
  }
  client.send(parser.parse(fs.readFileSync(file, 'utf8')), (error, answer) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
    const msa = answer.getSegment('MSA');
    console.log(`MSA|${msa.getField(1)}|${msa.getField(2)}`);
    setImmediate(sendNext); // the client takes the next message only after this callback
  });
}

sendNext();
