#include "mapping/read/table_row.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

// As their words stand in the profile, whatever case the export writes.
bool is_word_of(std::string_view word, const std::vector<std::string>& words) {
    const std::string wanted = lower_cased(word);
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& one) { return lower_cased(one) == wanted; });
}

const std::string* meaning(const std::map<std::string, std::string>& words, std::string_view text) {
    if (words.empty())
        return nullptr;
    const std::string wanted = lower_cased(text);
    for (const auto& [word, means] : words)
        if (lower_cased(word) == wanted)
            return &means;
    return nullptr;
}

observation_source source_of(table_asker asked_by) {
    switch (asked_by) {
    case table_asker::questionnaire:
        return observation_source::questionnaire;
    case table_asker::ward:
        return observation_source::ward;
    case table_asker::clinic:
        break;
    }
    return observation_source::clinic;
}

} // namespace

table_row_reading::table_row_reading(reading& to, const table_layout& layout, const table_message& row)
    : to_(to), table_(*to.profile().table), layout_(layout), row_(row) {
    base_.message = to.message().reference;
    base_.sender = to.profile().sender.empty() ? to.profile().name : to.profile().sender;
    base_.feed = table_.feed();
    base_.recorded = row.recorded.value_or(to.message().received_at);
}

void table_row_reading::read() {
    if (!read_cells() || !read_identity())
        return;
    if (row_.omitted) {
        event gone = start("");
        gone.version = version_status::deleted;
        add(std::move(gone), observation{});
        return;
    }
    if (!read_status())
        return;
    base_.organisation = text(table_.organisation);
    base_.when = time(table_.date);
    // The whole says nothing itself; it is there to be replaced or taken back, by then without its parts.
    add(start(""), observation{});
    if (base_.version == version_status::deleted)
        return;
    read_patient();
    read_visit();
    for (const table_event& one : table_.events)
        read_event(one);
}

bool table_row_reading::read_cells() {
    if (row_.broken) {
        refuse("row-broken", "", "a quote is not closed, or the row is longer than 256 KiB");
        return false;
    }
    hl7v2::converted_text converted = table_.format.encoding.to_utf8(row_.cells);
    if (converted.wrong_count > 0) {
        refuse("wrong-character", "",
               "the row holds bytes that are no characters of " + table_.format.encoding.name() +
                   ", first at byte " + std::to_string(converted.wrong_offsets.front() + 1));
        return false;
    }
    auto cells = split_cells(converted.text, table_.format.delimiter, table_.format.quote);
    if (!cells) {
        refuse("bad-quotes", "", "text stands behind a closing quote, or a quote is not closed");
        return false;
    }
    if (cells->size() != layout_.columns()) {
        refuse("cell-count-differs", "",
               "the row has " + std::to_string(cells->size()) + " cells, the table " +
                   std::to_string(layout_.columns()) +
                   " columns: a cell that holds the delimiter needs quotes");
        return false;
    }
    cells_ = std::move(*cells);
    return true;
}

bool table_row_reading::read_identity() {
    std::string key = base_.sender + "|" + base_.feed;
    bool is_named = false;
    for (const std::string& column : table_.key) {
        const std::string_view value = cell(column);
        is_named = is_named || !value.empty();
        key += "|" + std::string(value);
    }
    if (!is_named) {
        refuse("no-row-key", table_.key.front(), "without a key later versions of the row cannot be told");
        return false;
    }
    base_.fact_key = escaped(key);
    if (row_.omitted)
        return true;
    const table_patient& patient = table_.patient;
    for (std::string number : {nhs_key(text(patient.nhs_number)),
                               local_key(text(patient.local_organisation), text(patient.local_number))})
        if (!number.empty())
            base_.subject.push_back(std::move(number));
    if (base_.subject.empty()) {
        const cell_source& first = patient.nhs_number.is_given() ? patient.nhs_number : patient.local_number;
        refuse("no-patient", first.column, "no identifier of the patient can be used");
    }
    return !base_.subject.empty();
}

bool table_row_reading::read_status() {
    if (const auto stated = time(table_.recorded))
        base_.recorded = stated->instant;
    const row_status& status = table_.status;
    if (status.column.empty())
        return true;
    const std::string_view word = cell(status.column);
    if (is_word_of(word, status.ignored))
        return false;
    if (is_word_of(word, status.deleted)) {
        base_.version = version_status::deleted;
    } else if (is_word_of(word, status.corrected)) {
        base_.version = version_status::corrected;
    } else if (!status.current.empty() && !is_word_of(word, status.current)) {
        refuse("unknown-status", status.column,
               "the word is none of those of `status` in the source profile");
        return false;
    }
    return true;
}

void table_row_reading::read_patient() {
    const table_patient& from = table_.patient;
    patient_details details;
    details.birth_date = time(from.birth_date);
    details.sex = text(from.sex);
    if (std::string category = text(from.ethnic_category); !category.empty())
        details.ethnic_category.push_back({"", std::move(category)});
    details.deceased_at = time(from.death_date);
    details.deceased = details.deceased_at ? assertion::given : assertion::absent;
    if (details == patient_details())
        return;
    event fact = start_part("patient");
    fact.when.reset();
    add(std::move(fact), std::move(details));
}

// A visit is put together from all rows and messages that name it, so it is a fact of its own.
void table_row_reading::read_visit() {
    base_.visit_number = text(table_.visit.number);
    if (base_.visit_number.empty())
        return;
    visit content;
    content.patient_class = text(table_.visit.patient_class);
    content.end = time(table_.visit.end);
    content.ended = content.end ? assertion::given : assertion::absent;
    event fact = start(table_.visit.number.column);
    fact.when = time(table_.visit.start);
    fact.fact_key = escaped(base_.sender + "|" + base_.feed + "|visit|" + base_.visit_number);
    add(std::move(fact), std::move(content));
}

std::optional<std::vector<table_row_reading::part>> table_row_reading::parts_of(const table_event& event) {
    std::vector<part> parts;
    for (std::size_t i = 0; i < event.columns.size(); ++i) {
        if (cell(event.columns[i]).empty())
            continue;
        part made{event.columns[i], base_.when};
        if (!event.date_columns.empty()) {
            const std::string& column = event.date_columns[event.date_columns.size() == 1 ? 0 : i];
            // A code without a date of its own was done on the row's.
            if (auto own = time(column, event.date_formats))
                made.when = own;
        }
        if (to_.is_refused())
            return std::nullopt;
        parts.push_back(std::move(made));
    }
    return parts;
}

void table_row_reading::read_event(const table_event& event) {
    const bool concerned = event.only_where.column.empty() ||
                           meaning(event.only_where.words, cell(event.only_where.column)) != nullptr;
    if (!concerned)
        return;
    const auto parts = parts_of(event);
    if (!parts)
        return;
    if (event.joined) {
        if (parts->size() == event.columns.size())
            read_cell(event, parts->front(), joined(event));
        return;
    }
    for (const part& one : *parts)
        read_cell(event, one, cell(one.column));
}

void table_row_reading::read_cell(const table_event& from, const part& at, std::string_view text_of_cell) {
    event fact = start_part(at.column);
    fact.when = at.when;
    if (from.kind == table_event_kind::observation) {
        add(std::move(fact), observation_of(from, at, text_of_cell));
        return;
    }
    const codings codes{{text(from.system), std::string(text_of_cell)}};
    if (from.kind == table_event_kind::condition) {
        add(std::move(fact), condition{codes, std::nullopt});
        return;
    }
    procedure content;
    content.codes = codes;
    if (std::string site = text(from.body_site); !site.empty())
        content.body_sites.push_back({text(from.body_site_system), std::move(site)});
    add(std::move(fact), std::move(content));
}

observation table_row_reading::observation_of(const table_event& from, const part& at,
                                              std::string_view cell_text) {
    observation content;
    if (std::string code = text(from.code); !code.empty())
        content.codes.push_back({text(from.system), std::move(code)});
    content.source = source_of(from.asked_by);
    content.group = base_.fact_key;
    const std::string* word = from.joined ? nullptr : meaning(from.words, cell_text);
    const std::string value = word == nullptr ? std::string(cell_text) : *word;
    observed_value& to = content.value;
    switch (from.type) {
    case table_value_type::text:
        to.kind = value_kind::text;
        to.text = value;
        break;
    case table_value_type::number:
        to.kind = value_kind::number;
        to.text = value;
        to.unit = from.unit;
        break;
    case table_value_type::code:
        to.kind = value_kind::coded;
        to.codes.push_back({text(from.value_system), value});
        break;
    case table_value_type::date:
        to.time = time(at.column, from.value_formats);
        to.kind = to.time ? value_kind::date : value_kind::absent;
        break;
    }
    return content;
}

std::string table_row_reading::joined(const table_event& event) const {
    std::string result;
    for (const std::string& column : event.columns) {
        const std::string_view said = cell(column);
        const std::string* word = meaning(event.words, said);
        result += word == nullptr ? said : *word;
    }
    return result;
}

std::string table_row_reading::text(const cell_source& from) const {
    if (from.column.empty())
        return from.fixed;
    const std::string_view found = cell(from.column);
    const std::string* word = meaning(from.words, found);
    return word == nullptr ? std::string(found) : *word;
}

std::optional<event_time> table_row_reading::time(std::string_view column,
                                                  const std::vector<date_pattern>& formats) {
    const std::string_view found = cell(column);
    if (found.empty())
        return std::nullopt;
    auto read = read_date(found, formats, to_.zone());
    if (!read)
        refuse("invalid-time", column, "this is no date of the form that the source profile gives");
    return read;
}

std::optional<event_time> table_row_reading::time(const date_source& from) {
    return from.is_given() ? time(from.column, from.formats) : std::nullopt;
}

event table_row_reading::start(std::string_view column) const {
    event result = base_;
    result.path = "row " + std::to_string(row_.row);
    if (!column.empty())
        result.path += ", " + std::string(column);
    return result;
}

event table_row_reading::start_part(const std::string& column) {
    event result = start(column);
    const int use = ++parts_[column];
    result.fact_key += "#" + escaped(column) + (use == 1 ? "" : "|" + std::to_string(use));
    return result;
}

void table_row_reading::add(event fact, event_payload payload) {
    fact.payload = std::move(payload);
    to_.add(std::move(fact));
}

void table_row_reading::refuse(std::string code, std::string_view column, std::string text) {
    std::string path = "row " + std::to_string(row_.row);
    if (!column.empty())
        path += ", column " + std::string(column);
    to_.add(read_finding{std::move(code), finding_level::fatal, std::move(path), std::move(text)});
}

} // namespace auditgate::mapping
