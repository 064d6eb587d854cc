// Answers HL7 v2 messages with npm's node-hl7-server, as wanted.js says.
//   node serve_node_hl7.js PORT
const { Server } = require('node-hl7-server');
const { lateMs, wanted } = require('./wanted.js');

let socket; // of the connection opened last: a request does not tell its own
const listener = new Server({ bindAddress: '127.0.0.1' }).createInbound({ port: Number(process.argv[2]) }, (request, response) => {
  const message = request.getMessage();
  const how = wanted(message.get('MSH.6').toString(), message.get('MSH.10').toString());
  if (how === 'close') return socket.destroy();
  setTimeout(() => response.sendResponse(how === 'negative' ? 'AE' : 'AA'), how === 'late' ? lateMs : 0);
});
listener.on('client.connect', (opened) => (socket = opened));
for (const event of ['error', 'data.error', 'client.error']) listener.on(event, (error) => console.error(error.message));
