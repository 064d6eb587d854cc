// Answers HL7 v2 messages with npm's @medplum/hl7, as wanted.js says.
//   node serve_medplum.js PORT
const { Hl7Server } = require('@medplum/hl7');
const { lateMs, wanted } = require('./wanted.js');

const server = new Hl7Server((connection) => {
  connection.addEventListener('error', (event) => console.error(event.error.message));
  connection.addEventListener('message', ({ message }) => {
    const header = message.getSegment('MSH');
    const how = wanted(String(header.getField(6)), String(header.getField(10)));
    if (how === 'close') return connection.socket.destroy();
    const answer = message.buildAck({ ackCode: how === 'negative' ? 'AE' : 'AA' });
    setTimeout(() => connection.send(answer), how === 'late' ? lateMs : 0);
  });
});
server.start(Number(process.argv[2]));
