// The seam between the service and what keeps its data: journal, work, clusters, outbox.
//
// Everything above this header works with any engine behind it (SQLite, PostgreSQL): no SQL, no engine type, no lock
// and no assumption that this is the only process. Every call blocks, is one transaction, and may be made from any
// thread; when it returns success, what it wrote has reached the disk. A call that fails with store_unavailable may or
// may not have been carried out (the answer of a commit can be lost): see each call for how to go on.
//
// The engine encrypts: callers hand over and get back clear bytes, which are never written in clear. Fields marked
// "clear" are stored as they are and must hold nothing that identifies a patient.
#pragma once

#include "gateway/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace auditgate::gateway::store {

using utc_time = std::chrono::sys_time<std::chrono::milliseconds>;
using message_id = std::int64_t; // unique in an installation; says nothing of the order of arrival
using cluster_id = std::int64_t;
using work_id = std::int64_t;

// ---- journal -------------------------------------------------------------------------------------------------------

// Every message received is in exactly one of these states, and the counts by source and day add up
// (architecture.md, second promise).
enum class message_state {
    waiting,      // safe in the journal, not yet mapped
    applied,      // gave events that a dataset definition can use
    not_relevant, // read, but nothing in it is for any definition
    held,         // safe, but cannot be applied until somebody acts: see the reason
    quarantined,  // could not be read; the bytes are kept
    duplicate,    // same source, control id and bytes as one received within the horizon; answered again
    refused, // negative answer by a rule of the source; the sender must act. The bytes are kept like those quarantined
};

struct incoming_message {
    std::string source;    // clear: configured name of the source; empty when no source matched
    std::string transport; // clear: mllp, http, file
    std::string peer;      // clear: address and port, or file name
    std::string
        format; // clear: hl7v2, fhir-json, fhir-xml, table; "hl7v2; charset=NAME" when the transport says
                // which characters it is in
    std::string
        message_type; // clear: ADT^A08, Bundle; checked against a pattern by intake, "" when it does not fit
    utc_time received_at{};
    std::string control_id; // MSH-10 or X-Request-Id as received; "" = take no part in duplicate detection
    std::string bytes;      // as received, unchanged
    std::string answer;     // the acknowledgement that a duplicate is answered with again
    message_state state = message_state::waiting; // waiting, held, quarantined or refused
    std::string reason; // clear: code for held, quarantined, refused: unknown-source, no-msh ...
    std::chrono::seconds duplicate_horizon{
        0};               // 0 = take no part in duplicate detection; nor do refused messages
    std::string prepared; // by store::prepare(): the store's own; empty: not yet
};

struct append_outcome {
    message_id id{};                // of the stored message; for a duplicate of the first one
    bool duplicate = false;         // nothing was stored but the count; send `answer`
    bool control_id_reused = false; // stored, but other bytes were received under this id within the horizon
    std::string answer;             // what to answer: the given one, for a duplicate the first one's
};

struct stored_message {
    message_id id{};
    std::string source, transport, peer, format, message_type;
    utc_time received_at{};
    message_state state{};
    std::string reason; // code, clear
    std::string bytes;
    std::string control_id;
    bool damaged = false; // what was stored cannot be opened: `bytes` and `control_id` are empty
};

// ---- work and clusters ---------------------------------------------------------------------------------------------

enum class work_kind { message, cluster };

// Something to compute: a message to map, or a cluster to compute again (time has passed, configuration changed).
struct work {
    work_id id{};
    work_kind kind{};
    stored_message message; // for kind message
    cluster_id cluster{};   // for kind cluster
};

// The events that one message gave, as the mapping serialises them (opaque here).
struct message_events {
    message_id message{};
    std::string events;
    std::chrono::sys_days received_on{}; // clear: when the message came; at a later put the first one stays
};

// One case of a cluster as last computed: `content` is opaque here (encrypted).
struct case_row {
    std::string record_id; // clear: 64 hex
    std::string content;
};

struct cluster_snapshot {
    cluster_id id{};
    std::int64_t revision{};
    std::vector<std::string>
        keys; // identity and fact keys, clear here; stored encrypted and as blind indexes
    std::vector<message_events> events; // ordered by message id
    std::vector<case_row> cases;
    std::optional<std::chrono::sys_days> next_change_on;
    std::optional<std::chrono::sys_days> review_on{}; // see cluster_write
};

// What becomes of one cluster. `absorbs` are clusters that turn out to be the same one: they cease to exist, with all
// that they held. What is to stay of it stands in `keys`, `put_events` and `cases`; a message of theirs that is neither in
// `put_events` nor in `remove_events_of` would be lost: such a write set is refused with store_corrupt.
struct cluster_write {
    std::optional<cluster_id> id;                             // none: a new cluster
    std::int64_t expected_revision = 0;                       // of the snapshot; 0 for a new one
    std::vector<std::pair<cluster_id, std::int64_t>> absorbs; // with the revisions expected of them
    std::vector<std::string> keys;                            // all of them (a cluster only grows)
    std::vector<message_events> put_events;   // replaces the events of these messages; others stay
    std::vector<message_id> remove_events_of; // messages that no longer give events (read again, erased)
    std::vector<case_row> cases;              // all of them
    std::optional<std::chrono::sys_days> next_change_on;
    // The day from which on something in it may no longer be needed: enqueue_reviews() then makes work of it.
    std::optional<std::chrono::sys_days> review_on{};
    // Something is erased: what stays stands in `keys`, `put_events` and `cases` and is sealed by a new key, and the old
    // key is to be erased, so that an old copy of the store does not tell what went. A message that is neither in
    // `put_events` nor in `remove_events_of` would be lost: store_corrupt. When nothing stays the cluster ceases to exist.
    bool rekey = false;
    std::int64_t erased_events = 0; // how many of its events go, for the count
};

// A case that takes no more facts (its record stays at the destination as it is). `remainder` is what a retract by hand can
// be rendered from later: a record without content, opaque here.
struct closed_case {
    std::string destination; // clear
    std::string record_id;   // clear
    std::string remainder;
    std::chrono::sys_days closed_on{};
};

struct message_outcome {
    message_id id{};
    message_state state{}; // applied, not_relevant, held, quarantined
    std::string reason;    // code, clear
};

// What should be at a destination. A desired state replaces the one before it that has not been sealed yet, makes the
// row due and ends a hold. One that equals what is desired already (content, facts and reason) changes nothing, but that it
// is of the active configuration from then on. Content for a closed case is left out; erasures() counts it as
// `closed-contents`.
struct desired_record {
    std::string destination; // clear
    std::string record_id;   // clear
    std::optional<std::string>
        content;            // record without version and action, coarsened; none: nothing should be there
    std::string gate_facts; // what the release gate must know (opaque, encrypted)
    std::string reason;     // clear: why there is nothing, for the audit trail (not-done, merged ...)
};

// Whose desired state it is.
struct record_name {
    std::string destination;
    std::string record_id;

    auto operator<=>(const record_name&) const = default;
};

// A desired state as it stands in the outbox.
struct desired_view {
    desired_record desired;
    bool closed = false;  // the case takes no more facts
    bool damaged = false; // it cannot be opened: content and facts are empty
};

// What one piece of mapping work leads to; all of it or nothing.
struct write_set {
    std::vector<work_id> done;
    std::vector<message_outcome> messages;
    std::vector<cluster_write> clusters;
    std::vector<desired_record> desired;
    // Those that have no row in the outbox, or are closed already, are left out.
    std::vector<closed_case> closed{};
    // The revision of the configuration that it was computed with; empty: it holds whatever is active.
    std::string made_with{};
};

enum class commit_result {
    committed,
    conflict, // a cluster is no longer as the snapshot said, or a key now belongs to another one: read again and redo
    outdated, // another configuration is active than `made_with`: compute again with that one
    work_gone, // a piece in `done` is no longer there: finished, or made again under another id; redo without it
    unknown, // the connection broke in the commit: claim the work again; committed work is gone from it
};

// ---- outbox --------------------------------------------------------------------------------------------------------

enum class record_action { create, amend, retract };

// A desired state after the release gate let it pass: rendered once, sent unchanged until it is receipted.
struct sealed_record {
    int version = 0; // always above every version sealed before for this destination and record
    record_action action{};
    std::string content_hash; // clear: SHA-256 of the content without version and action, hex; "" for retract
    std::string content;      // the content (as desired), "" for retract
    std::string body;         // what is sent
    std::vector<std::string> slots; // resources in it, by name of the slot
};

enum class seal_state { pending, receipted, held, discarded };

// The row of one destination and record: what is wanted, what was sealed last, what the destination has confirmed.
struct outbox_row {
    std::string destination;
    std::string record_id;
    std::int64_t desired_revision = 0;
    std::optional<std::string> desired_content;
    std::string gate_facts;
    std::string desired_reason;
    bool of_active_configuration = true; // the desired state was made with it (or confirmed: desired again)
    int last_version = 0;                // highest version ever sealed; 0: never
    bool live = false;         // the last sealed and not discarded version shows content (create or amend)
    bool may_be_there = false; // content was sealed, and no retract has been receipted since
    std::string last_content;  // content of the last version sealed; empty when that was a retract, when it
    std::string last_content_hash;       // was discarded (nobody knows what arrived) and when there is none
    std::vector<std::string> slots_out;  // slots that may exist at the destination
    std::optional<sealed_record> sealed; // sealed and not receipted yet
    std::int64_t sealed_revision = 0;    // desired_revision that `sealed` was made of
    int attempts = 0;                    // of `sealed`
    utc_time retry_at{};                 // no further attempt at `sealed` before; a row may be leased earlier
    std::string hold_reason;             // empty: not held. A row that is held is leased to be
    std::string hold_detail;             // asked of the gate again
    std::int64_t lease_epoch = 0;        // proves the lease in seal() and finish()
};

enum class attempt_end {
    receipted, // confirmed: the destination has this version
    unchanged, // desired equals what is there: nothing to send
    retry,     // try again at `retry_at`
    later,     // nothing was tried: look again at `retry_at`; without a reason a hold stays as it is
    held,      // somebody must act (`reason`); a new desired state or release() opens it again
    discarded, // the gate closed on the sealed version; the row stays due, so that a retract can be sealed at once
};

struct attempt_outcome {
    attempt_end end{};
    utc_time retry_at{};
    std::string reason; // clear: code
    std::string detail; // clear: what the destination said, without content
};

struct ended_attempt {
    outbox_row row;
    attempt_outcome outcome;
};

// ---- views for people ----------------------------------------------------------------------------------------------

// What came from one source on one day (UTC), and where it is now. `received` is counted when a batch is journaled, the
// states as messages move between them: that they add up proves that none was lost on the way.
struct message_count {
    std::string source;
    std::chrono::sys_days day{};
    std::int64_t received = 0;
    std::map<message_state, std::int64_t> states; // none that is 0

    [[nodiscard]] bool adds_up() const {
        std::int64_t sum = 0;
        for (const auto& [state, count] : states)
            sum += count;
        return sum == received;
    }
};

struct record_count {
    std::string destination;
    seal_state state{};
    std::int64_t count = 0;
};

// What waits for one destination.
struct destination_count {
    std::string destination;
    std::int64_t pending = 0;                 // versions sealed, neither confirmed nor held
    std::optional<utc_time> pending_since;    // when the oldest of them was sealed
    std::map<std::string, std::int64_t> held; // records, by the reason of their hold
};

struct held_record {
    std::string destination;
    std::string record_id;
    std::string reason;
    std::string detail;
    utc_time since{};
};

// ---- retention -----------------------------------------------------------------------------------------------------

// From when on the bytes of messages are kept. Messages that wait for mapping are never erased.
struct message_limits {
    utc_time settled_since; // applied, not-relevant, refused
    utc_time
        unsettled_since; // held, quarantined: what nobody has dealt with since counts as not-relevant, erased-held or
                         // erased-quarantined
};

// How far one bounded step through the journal came.
struct message_step {
    std::int64_t erased = 0; // messages
    message_id next = 0;     // where to go on; 0: the end was reached, and the receive days before are closed
};

struct erasure_state {
    std::map<std::string, std::int64_t>
        erased;                     // since the store was made: messages, events, clusters, records, keys
    std::int64_t keys_to_erase = 0; // what they sealed is gone from the tables already
    std::optional<std::chrono::sys_days> oldest_message; // receive day of the oldest one that is kept
    std::optional<utc_time> last_run;                    // as note_retention_run() was told
};

// Messages of one receive day that were erased.
struct erased_messages {
    std::chrono::sys_days received_on{};
    std::chrono::sys_days erased_on{}; // the last of them
};

// The row of a case that is closed.
struct closed_record {
    std::string destination;
    std::chrono::sys_days closed_on{};
    int last_version = 0;
    bool may_be_there = false; // at the destination
    bool erased = false;       // false: a version is still on its way
};

struct message_filter {
    std::optional<std::string> source;
    std::vector<message_state> states; // empty: all
    std::optional<std::string> reason;
    std::optional<message_id> id_below; // pages: the last id of the one before
    std::optional<utc_time> received_from, received_before;
    std::int64_t limit = 100;
};

// Which messages mapping would be given again together.
struct replay_filter {
    std::vector<std::string> sources{};       // empty: any but that of an unknown sender
    std::vector<std::string> message_types{}; // empty: any
    std::vector<message_state> states{};      // of applied, not_relevant, held, quarantined
    utc_time received_from{};
    std::optional<utc_time> received_before{};
};

// How far one bounded step of replay_some() came, and how many messages fitted, by source and type.
struct replay_step {
    std::map<std::pair<std::string, std::string>, std::int64_t> fitted;
    message_id next = 0; // where to go on; 0: the end was reached
};

// A message, without what it says.
struct found_message {
    message_id id{};
    message_state state{};
    std::string reason; // code, clear
};

// How far one bounded step of find_messages() came.
struct search_step {
    std::vector<found_message> found; // by id
    message_id next = 0;              // where to go on; 0: the end was reached
};

// How far one bounded step of find_clusters() came.
struct cluster_step {
    std::vector<cluster_id> found; // by id
    cluster_id next = 0;           // where to go on; 0: the end was reached
};

class store {
public:
    virtual ~store() = default;

    // What append() needs of a message that can be found without a transaction, so that the threads which receive
    // messages do it and not the one which journals them; append() does it for those that come without. What it was found
    // of must not be changed afterwards. Never blocks.
    virtual void prepare(incoming_message& message) const = 0;

    // Journals the messages, their duplicate detection and their work rows, in one transaction. Outcomes are in the
    // order of the batch (which may hold duplicates of its own). On failure nothing may be answered positively; a
    // message that was stored all the same is recognised as a duplicate when the sender sends it again.
    [[nodiscard]] virtual result<std::vector<append_outcome>>
    append(std::span<const incoming_message> batch) = 0;

    // Writes next to nothing, all the way to the disk: whether messages would be taken again.
    [[nodiscard]] virtual result<void> probe() = 0;

    // Hands out up to `max` pieces of work that nobody else has, fewer when their messages are large, until
    // `now + lease`. Work whose lease ran out is handed
    // out again: the same work may be computed twice, but commit() takes it once.
    [[nodiscard]] virtual result<std::vector<work>> claim(std::string_view owner, int max, utc_time now,
                                                          std::chrono::milliseconds lease) = 0;

    // Ends the claims of work that was not finished, so that it need not wait for its lease to run out.
    [[nodiscard]] virtual result<void> give_back(std::span<const work> claimed) = 0;

    // The clusters that hold any of these keys, or events of any of these messages, as of one instant.
    [[nodiscard]] virtual result<std::vector<cluster_snapshot>>
    clusters_with(std::span<const std::string> keys, std::span<const message_id> messages) = 0;
    [[nodiscard]] virtual result<std::optional<cluster_snapshot>> cluster(cluster_id id) = 0;
    [[nodiscard]] virtual result<std::optional<cluster_snapshot>>
    cluster_of_record(std::string_view record_id) = 0;
    // Shows every cluster to `visit`, one at a time, all as of one instant. Stops at the first error that it gives and
    // hands that on.
    [[nodiscard]] virtual result<void>
    each_cluster(const std::function<result<void>(cluster_snapshot)>& visit) = 0;

    // Looks at up to `max` clusters from `from` on (0: from the first one), and names those that hold events of a message
    // received on that day or later.
    [[nodiscard]] virtual result<cluster_step> find_clusters(std::chrono::sys_days received_since,
                                                             cluster_id from, int max) = 0;

    // All of the write set or nothing.
    [[nodiscard]] virtual result<commit_result> commit(const write_set& changes) = 0;

    // Makes work of the clusters whose next_change_on is `today` or before; returns how many.
    [[nodiscard]] virtual result<std::int64_t> enqueue_due(std::chrono::sys_days today) = 0;

    // Makes low-priority work of at most `max` clusters whose review_on is `today` or before; returns how many.
    [[nodiscard]] virtual result<std::int64_t> enqueue_reviews(std::chrono::sys_days today, int max) = 0;
    // Looks at up to `max` messages from `from` on (0: from the first one) and erases those that the limits no longer keep.
    // The counts by source and day stay. Messages of a receive day before `settled_since` that are kept are sealed by
    // another key, so that the key of the day can be erased.
    [[nodiscard]] virtual result<message_step> erase_messages(const message_limits& limits, message_id from,
                                                              int max, utc_time now) = 0;
    // Erases content and gate facts of up to `max` closed cases of which nothing is on its way any more; returns how many.
    // Record id, last version and its hash stay. From then on the row takes no new content, and recheck() of the whole
    // destination leaves it out; a desired state without content retracts the record.
    [[nodiscard]] virtual result<std::int64_t> erase_closed(int max, utc_time now) = 0;
    // Lets duplicate detection forget up to `max` messages whose horizon has passed; returns how many. append() does it, too, a
    // few for each message: this is for the time when none arrives.
    [[nodiscard]] virtual result<std::int64_t> forget_seen(int max, utc_time now) = 0;
    // Removes the keys of what has been erased for good, and what is left of it in the engine's own logs; returns how many
    // keys. Until then old copies of the store can be opened. When it fails, the next call goes on.
    [[nodiscard]] virtual result<std::int64_t> erase_keys() = 0;
    [[nodiscard]] virtual result<void> note_retention_run(utc_time now) = 0;
    [[nodiscard]] virtual result<erasure_state> erasures() = 0;
    // None: no message of this id was erased (it is there, or there never was one).
    [[nodiscard]] virtual result<std::optional<erased_messages>> erased_message(message_id id) = 0;
    [[nodiscard]] virtual result<std::vector<closed_record>> closed_records(std::string_view record_id) = 0;

    // The configuration revision that the store's cases were computed with. Activating another one makes low-priority
    // work of every cluster, of those that have cases first.
    [[nodiscard]] virtual result<std::string> active_configuration() = 0;
    [[nodiscard]] virtual result<void> activate_configuration(std::string_view revision) = 0;

    // Leases up to `max` rows of a destination that are due: a desired state not sealed yet, a sealed one whose retry
    // time has come, or one to be asked of the gate again. A row is leased to one worker at a time. One that cannot be
    // opened (damaged, or its key is gone) is held as `cannot-be-opened` and keeps no other waiting.
    [[nodiscard]] virtual result<std::vector<outbox_row>> lease(std::string_view destination,
                                                                std::string_view owner, int max, utc_time now,
                                                                std::chrono::milliseconds lease) = 0;
    // Ends the lease of a row of which nothing was recorded, so that it need not wait for the lease to run out.
    virtual void give_back(const outbox_row& row) = 0;
    // Records what will be sent, before the first byte of it is. A version sealed before and not receipted counts as
    // discarded from then on, and a hold ends. lease_lost: somebody else has the row by now, the lease was given back, or
    // a desired state or recheck() came since it was leased: what was decided may be wrong by now, and the lease ends.
    [[nodiscard]] virtual result<void> seal(const outbox_row& row, const sealed_record& sealed,
                                            utc_time now) = 0;
    // Records how an attempt ended and gives the lease back. A desired state or recheck() that came meanwhile leaves the
    // row due, however the attempt ended. lease_lost: somebody else has the row by now, or the lease was given back.
    [[nodiscard]] virtual result<void> finish(const outbox_row& row, const attempt_outcome& outcome,
                                              utc_time now) = 0;
    // finish() of many rows in one transaction. Rows whose lease is lost are left out.
    [[nodiscard]] virtual result<void> finish_all(std::span<const ended_attempt> ended, utc_time now) = 0;
    // Makes every row of a destination due (the gate may decide otherwise now); those that are held stay so until an
    // attempt ends. With a record id: ends the hold and the wait of that record, and makes it due. Returns how many.
    [[nodiscard]] virtual result<std::int64_t> recheck(std::string_view destination,
                                                       std::optional<std::string> record_id) = 0;

    // What should be at the destinations of these records, as last said, all as of one instant; of those without a row
    // nothing. In no particular order.
    [[nodiscard]] virtual result<std::vector<desired_view>> desired(std::span<const record_name> records) = 0;

    // The gate facts of every record that should be at a destination, held ones too: whom its opt-out list must be asked
    // about.
    [[nodiscard]] virtual result<std::vector<std::string>> gate_facts(std::string_view destination) = 0;

    [[nodiscard]] virtual result<std::vector<message_count>> message_counts() = 0; // by source and day
    [[nodiscard]] virtual result<std::vector<record_count>> record_counts() = 0;
    // Every destination that ever had a record to get, by name.
    [[nodiscard]] virtual result<std::vector<destination_count>> destination_counts() = 0;
    // Records that may be at the destination: content was sealed, and no retract has been receipted since.
    [[nodiscard]] virtual result<std::int64_t> records_there(std::string_view destination) = 0;
    [[nodiscard]] virtual result<std::int64_t> work_backlog() = 0;
    [[nodiscard]] virtual result<std::vector<held_record>> held_records(std::int64_t limit) = 0;
    [[nodiscard]] virtual result<std::vector<stored_message>>
    messages(const message_filter& filter) = 0; // newest first
    [[nodiscard]] virtual result<std::optional<stored_message>> message(message_id id) = 0;
    // Gives a held, quarantined, applied or not-relevant message to mapping again (state waiting), from now on as a
    // message of `source` (empty: of the source it has). refused: it was refused, its sender must send it again.
    [[nodiscard]] virtual result<void> replay(message_id id, std::string_view source) = 0;
    // Looks at up to `max` messages from `from` on (0: from the first one), and gives those that fit to mapping again, each as
    // of the source that it has; with `only_count` it changes nothing. What a message gave before stays in force until it has
    // been mapped again.
    [[nodiscard]] virtual result<replay_step> replay_some(const replay_filter& which, message_id from,
                                                          int max, bool only_count) = 0;
    // Looks at up to `max` messages from `from` on (0: from the first one), and names those that fit.
    [[nodiscard]] virtual result<search_step> find_messages(const replay_filter& which, message_id from,
                                                            int max) = 0;
};

} // namespace auditgate::gateway::store
