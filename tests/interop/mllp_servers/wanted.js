// What a message wants to happen to it, by its receiving facility (MSH-6): NEGATIVE an answer AE; LATE an answer after two
// seconds, CLOSE the end of the connection instead of one, both only when the message comes for the first time.
const seen = new Set();

exports.lateMs = 2000;

exports.wanted = (facility, controlId) => {
  if (facility === 'NEGATIVE') return 'negative';
  if ((facility !== 'LATE' && facility !== 'CLOSE') || seen.has(controlId)) return 'positive';
  seen.add(controlId);
  return facility.toLowerCase();
};
