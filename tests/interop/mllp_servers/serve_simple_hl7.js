// Answers HL7 v2 messages with npm's simple-hl7, as wanted.js says.
//   node serve_simple_hl7.js PORT
const hl7 = require('simple-hl7');
const { lateMs, wanted } = require('./wanted.js');

const server = hl7.Server.createTcpServer({ parser: new hl7.Parser({ segmentSeperator: '\r' }) }, (error, request, response) => {
  if (error) return console.error(error.message);
  const header = request.msg.header; // its field 1 is MSH-3
  const how = wanted(String(header.getField(4)), String(header.getField(8)));
  if (how === 'close') return response.socket.destroy();
  if (how === 'negative') response.ack.getSegment('MSA').setField(1, 'AE');
  setTimeout(() => response.end(), how === 'late' ? lateMs : 0);
});
server.start(Number(process.argv[2]));
