#include "mapping/event.hpp"

#include "mapping/nhs_number.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <type_traits>

namespace auditgate::mapping {

namespace {

// The bytes begin with a mark and the number of their format. Stores keep what earlier formats gave: fields that were
// added are named with the format that has them first.
//   2  medication.ended
//   3  condition.recorded_date
//   4  event.document, identity_change.visit
constexpr std::string_view format_mark = "auditgate-events-";
constexpr int format_now = 4;

// The fields of each type, once for both directions: `archive` is a writer or a reader.
template <class archive>
void fields(archive& to, coding& value) {
    to(value.system, value.code);
}
template <class archive>
void fields(archive& to, amount& value) {
    to(value.number, value.unit);
}
template <class archive>
void fields(archive& to, event_time& value) {
    to(value.local, value.instant, value.precision);
}
template <class archive>
void fields(archive& to, patient_details& value) {
    to(value.birth_date, value.sex, value.ethnic_category, value.deceased, value.deceased_at);
}
template <class archive>
void fields(archive& to, procedure& value) {
    to(value.codes, value.status, value.body_sites, value.complications, value.complication_facts);
}
template <class archive>
void fields(archive& to, booking& value) {
    to(value.codes, value.body_sites, value.cancelled);
}
template <class archive>
void fields(archive& to, observed_value& value) {
    to(value.kind, value.text, value.unit, value.codes, value.time);
}
template <class archive>
void fields(archive& to, observation& value) {
    to(value.codes, value.value, value.range_low, value.range_high, value.source, value.group);
}
template <class archive>
void fields(archive& to, dose_frequency& value) {
    to(value.count, value.period_minutes);
}
template <class archive>
void fields(archive& to, medication& value) {
    to(value.kind, value.status, value.drug, value.dose, value.strength, value.route, value.frequency,
       value.as_needed);
    to.since(2, value.ended);
    to(value.end, value.order_numbers);
}
template <class archive>
void fields(archive& to, condition& value) {
    to(value.codes);
    to.since(3, value.recorded_date);
}
template <class archive>
void fields(archive& to, adverse_event& value) {
    to(value.category, value.onset, value.grade, value.relatedness, value.about_facts);
}
template <class archive>
void fields(archive& to, consent& value) {
    to(value.policy, value.active, value.permits, value.first, value.last);
}
template <class archive>
void fields(archive& to, identity_change& value) {
    to(value.undo, value.other);
    to.since(4, value.visit);
}
template <class archive>
void fields(archive& to, visit& value) {
    to(value.patient_class, value.intended_management, value.ended, value.end, value.cancelled);
}
template <class archive>
void fields(archive& /*to*/, emptied_set& /*value*/) {}

template <class archive>
void content_fields(archive& to, event& value) {
    to(value.sender, value.feed, value.subject, value.fact_key, value.fact_scope, value.version,
       value.recorded, value.when, value.visit_number, value.organisation, value.snapshot_set);
    to(value.payload);
    to.since(4, value.document);
}
template <class archive>
void fields(archive& to, event& value) {
    to(value.message, value.path);
    content_fields(to, value);
}

// Numbers as decimal text and `;`, strings and lists behind their length: unambiguous, and readable when it
// must be.
class writer {
public:
    template <class... types>
    void operator()(types&... values) {
        (put(values), ...);
    }
    template <class type>
    void since(int /*format*/, type& value) {
        put(value);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void put_number(std::int64_t value) {
        out_ += std::to_string(value);
        out_ += ';';
    }
    void put(std::string& value) {
        put_number(static_cast<std::int64_t>(value.size()));
        out_ += value;
    }
    template <class type>
    void put(type& value) {
        if constexpr (std::is_enum_v<type> || std::is_integral_v<type>) {
            put_number(static_cast<std::int64_t>(value));
        } else {
            fields(*this, value);
        }
    }
    template <class clock>
    void put(std::chrono::time_point<clock, std::chrono::milliseconds>& value) {
        put_number(value.time_since_epoch().count());
    }
    template <class type>
    void put(std::optional<type>& value) {
        put_number(value ? 1 : 0);
        if (value)
            put(*value);
    }
    template <class type>
    void put(std::vector<type>& values) {
        put_number(static_cast<std::int64_t>(values.size()));
        for (type& value : values)
            put(value);
    }
    void put(event_payload& value) {
        put_number(static_cast<std::int64_t>(value.index()));
        std::visit([this](auto& held) { put(held); }, value);
    }

    std::string out_;
};

// Reads what the writer wrote. After the first thing that cannot be, ok() is false and nothing more is read.
class reader {
public:
    reader(std::string_view bytes, int format) : rest_(bytes), format_(format) {}

    template <class... types>
    void operator()(types&... values) {
        (get(values), ...);
    }
    template <class type>
    void since(int format, type& value) {
        if (format_ >= format)
            get(value);
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::int64_t get_number() {
        std::int64_t value = 0;
        const char* end = rest_.data() + rest_.size();
        const auto [stop, error] = std::from_chars(rest_.data(), end, value);
        if (!ok_ || error != std::errc{} || stop == end || *stop != ';') {
            ok_ = false;
            return 0;
        }
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()) + 1);
        return value;
    }
    // A length or count cannot exceed the bytes that are left: damage never asks for memory.
    std::size_t get_size() {
        const std::int64_t value = get_number();
        if (value < 0 || static_cast<std::uint64_t>(value) > rest_.size())
            ok_ = false;
        return ok_ ? static_cast<std::size_t>(value) : 0;
    }
    void get(std::string& value) {
        const std::size_t size = get_size();
        value.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }
    template <class type>
    void get(type& value) {
        if constexpr (std::is_same_v<type, bool>) {
            value = get_number() != 0;
        } else if constexpr (std::is_enum_v<type> || std::is_integral_v<type>) {
            value = static_cast<type>(get_number());
        } else {
            fields(*this, value);
        }
    }
    template <class clock>
    void get(std::chrono::time_point<clock, std::chrono::milliseconds>& value) {
        value = std::chrono::time_point<clock, std::chrono::milliseconds>(
            std::chrono::milliseconds(get_number()));
    }
    template <class type>
    void get(std::optional<type>& value) {
        value.reset();
        if (get_number() != 0 && ok_)
            get(value.emplace());
    }
    template <class type>
    void get(std::vector<type>& values) {
        values.clear();
        for (std::size_t left = get_size(); left > 0 && ok_; --left)
            get(values.emplace_back());
    }
    void get(event_payload& value) {
        const std::int64_t index = get_number();
        get_alternative(value, index, std::make_index_sequence<std::variant_size_v<event_payload>>{});
    }
    template <std::size_t... indexes>
    void get_alternative(event_payload& value, std::int64_t index, std::index_sequence<indexes...> /*all*/) {
        const bool known =
            ((index == static_cast<std::int64_t>(indexes) && (get(value.emplace<indexes>()), true)) || ...);
        if (!known)
            ok_ = false;
    }

    std::string_view rest_;
    int format_;
    bool ok_ = true;
};

std::string mark_of(int format) {
    return std::string(format_mark) + std::to_string(format) + '\n';
}

// Format 1 did not tell an end that was said from one that was not.
void say_ends(std::vector<event>& events) {
    for (event& one : events) {
        auto* order = std::get_if<medication>(&one.payload);
        if (order != nullptr && order->end)
            order->ended = order_end::given;
    }
}

} // namespace

std::chrono::local_days event_time::last_date() const {
    const std::chrono::year_month_day first{date()};
    if (precision == time_precision::year)
        return std::chrono::local_days{first.year() / std::chrono::December / std::chrono::last};
    if (precision == time_precision::month)
        return std::chrono::local_days{first.year() / first.month() / std::chrono::last};
    return date();
}

std::vector<std::string> cluster_keys(const event& fact) {
    std::vector<std::string> keys = fact.subject;
    if (const auto* change = fact.as<identity_change>())
        keys.insert(keys.end(), change->other.begin(), change->other.end());
    std::erase_if(keys, [](const std::string& key) {
        return key.starts_with(nhs_prefix) && usable_nhs_number(key, true).empty();
    });
    if (!fact.fact_key.empty() && fact.fact_scope == event::key_scope::global)
        keys.push_back(fact.fact_key);
    return keys;
}

std::string to_bytes(const std::vector<event>& events) {
    writer to;
    std::vector<event> copy =
        events; // the fields are listed once, for reading and writing: they are taken by reference
    to(copy);
    return mark_of(format_now) + to.take();
}

std::optional<std::vector<event>> events_from_bytes(std::string_view bytes) {
    for (int format = 1; format <= format_now; ++format) {
        const std::string mark = mark_of(format);
        if (!bytes.starts_with(mark))
            continue;
        reader from(bytes.substr(mark.size()), format);
        std::vector<event> events;
        from(events);
        if (!from.ok() || !from.at_end())
            return std::nullopt;
        if (format == 1)
            say_ends(events);
        return events;
    }
    return std::nullopt;
}

std::string content_hash(const event& fact) {
    writer to;
    event copy = fact;
    content_fields(to, copy);
    const std::string content = to.take();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

} // namespace auditgate::mapping
