#include "mapping/describe/item_rule.hpp"

#include "mapping/describe/words.hpp"

#include <algorithm>

namespace auditgate::mapping::describe {

namespace {

std::string in_window(const item& one) {
    return one.window ? " dated " + days(*one.window) : std::string();
}

std::string of_patient_or_time(const item& one) {
    switch (one.how) {
    case derivation::age_band:
        return "Whole years from the date of birth to the procedure.";
    case derivation::patient_sex:
    case derivation::patient_ethnicity:
        return "From the patient details recorded last that give it.";
    case derivation::status:
        return "Stopped if any source says stopped; completed if one says completed, or codes are there "
               "without a "
               "status.";
    case derivation::period:
        return "Calendar quarter of the procedure's date.";
    case derivation::released:
        return "Filled in when the record leaves, by the settings of the destination.";
    case derivation::missing:
        return "Collected from the items above, those of time points once they are due.";
    case derivation::flags:
        return "Collected while the record is computed.";
    default:
        return {};
    }
}

std::string of_observations(const item& one) {
    switch (one.how) {
    case derivation::event_seen:
        return code(one.words.front()) + " when such an event is" + in_window(one) + '.';
    case derivation::days_since_event:
        return "Days from the latest such event" + in_window(one) + " to the procedure.";
    case derivation::condition_category:
        return "Category of the diagnosis dated last; of several on one date the lowest code" +
               (one.several_flag.empty() ? std::string(".")
                                         : ", with the flag " + code(one.several_flag) + '.');
    case derivation::first_code:
        return "The first of the codes that any diagnosis had.";
    case derivation::latest_word:
        return "The latest usable observation" + in_window(one) + '.';
    case derivation::latest_number:
        return "The latest usable observation" + in_window(one) + ", a whole number from " +
               std::to_string(one.bounds.front()) + " to " + std::to_string(one.bounds.back()) + '.';
    case derivation::earlier_treatments:
    case derivation::subsequent_treatments: {
        const bool before = one.how == derivation::earlier_treatments;
        std::string text =
            before ? "Stated on the day of the procedure or before" : "Stated," + in_window(one);
        if (!one.companion_word.empty())
            text += "; " + code(one.companion_word) + " from an accompanying procedure " +
                    (before ? "before the day" : "from day " + std::to_string(one.days_min)) +
                    " at a treated site";
        if (!one.repeat_word.empty())
            text += "; " + code(one.repeat_word) + " from another record of the patient that shares a site";
        return text + '.';
    }
    default:
        return {};
    }
}

std::string of_session(const item& one) {
    switch (one.how) {
    case derivation::session_codes:
        return "Those of the codes that the procedures of the date have.";
    case derivation::sequence:
        return "Completed records of the patient by date: the first " + code(one.words[0]) +
               "; at a site done before " + code(one.words[1]) + "; else within " +
               std::to_string(one.days_max) + " days of the one before " + code(one.words[2]) + "; else " +
               code(one.words[3]) + '.';
    case derivation::sites:
        return "All sites that body sites, codes or stated observations of the date name.";
    case derivation::site_count:
        return "How many sites there are.";
    case derivation::session_word:
        return std::string(
                   "Stated on the date (the one observed last, then recorded last), else by the codes of "
                   "the date") +
               (one.conflict_flag ? "; when they differ, the flag `conflict` is set." : ".");
    case derivation::session_first_word:
        return "The first of its words that was stated or coded on the date.";
    case derivation::session_words:
        return "All that were stated or coded on the date.";
    case derivation::visit_setting:
        return "The class of the visit that the procedure names, else of those that cover the date; of "
               "several the "
               "first of its words.";
    case derivation::companion:
        return "Stated on the date, which beats codes; else coded " + days(*one.window) +
               " at a treated site or one that nobody names; else " + code(one.words.front()) +
               " when the procedure is coded in full without it.";
    case derivation::equals:
        return "Yes when " + code(one.of) + " is " + code(one.words.front()) +
               ", no when it is anything else" +
               (one.otherwise.empty() ? "." : ", not known when it is " + code(one.otherwise) + '.');
    default:
        return {};
    }
}

std::string of_outcome(const item& one, const compiled_definition& definition) {
    switch (one.how) {
    case derivation::time_points:
        return "See [Outcomes](#outcomes-of-" + definition.dataset + ").";
    case derivation::adverse_events:
        return "See [Harms](#harms-of-" + definition.dataset + ").";
    case derivation::adverse_occurred:
        return code(one.words.front()) + " when there is an event; " + code(one.words.back()) +
               " when there is none and the patient was seen on day " +
               std::to_string(definition.safety.occurred_from_day) + " or later.";
    case derivation::follow_up_status: {
        std::string text = code(one.words[0]) + " when consent was refused or withdrawn; " +
                           code(one.words[1]) + " when the patient has died; ";
        if (!definition.follow_up.ending_words.empty())
            text += code_list(definition.follow_up.ending_words) + " when that was stated last; ";
        return text + code(one.words[2]) + " after day " +
               std::to_string(definition.follow_up.complete_after_day) + "; else " + code(one.words[3]) + '.';
    }
    case derivation::last_contact:
        return "Day of the latest observation, visit, procedure, diagnosis or medication that this dataset "
               "reads.";
    case derivation::death_band:
        return "Days from the procedure to the date of death, when that is known to the day.";
    default:
        return {};
    }
}

} // namespace

std::string rule_of(const item& one, const compiled_definition& definition) {
    for (std::string text :
         {of_patient_or_time(one), of_observations(one), of_session(one), of_outcome(one, definition)}) {
        if (!text.empty())
            return text;
    }
    return {};
}

std::vector<std::string> words_of(const item& one, const compiled_definition& definition) {
    std::vector<std::string> words = one.words;
    const auto add = [&](const std::string& word) {
        if (!word.empty() && std::ranges::find(words, word) == words.end())
            words.push_back(word);
    };
    switch (one.how) {
    case derivation::equals:
        return {}; // yes or no
    case derivation::status:
        return {"completed", "stopped"};
    case derivation::age_band:
        for (std::size_t place = 0; place < one.bounds.size(); ++place)
            add(one.age_band_word(place));
        break;
    case derivation::death_band: {
        int from = 0;
        for (const int last : one.bounds) {
            add(std::to_string(from) + '-' + std::to_string(last));
            from = last + 1;
        }
        add('>' + std::to_string(from - 1));
        break;
    }
    case derivation::sites:
        for (const body_site& site : definition.codes->sites())
            add(site.id);
        break;
    case derivation::follow_up_status:
        for (const std::string& word : definition.follow_up.ending_words)
            add(word);
        break;
    default:
        break;
    }
    for (const coded_word& coded : one.coded)
        add(coded.word);
    for (const auto& [sent, word] : one.map)
        add(word);
    return words;
}

std::vector<std::pair<std::string, std::vector<std::string>>> words_as_sent(const item& one) {
    std::vector<std::pair<std::string, std::vector<std::string>>> result;
    for (const auto& [sent, word] : one.map) {
        auto found = std::ranges::find_if(result, [&](const auto& known) { return known.first == word; });
        if (found == result.end())
            found = result.insert(result.end(), {word, {}});
        found->second.push_back(sent);
    }
    return result;
}

std::string coarsening_of(const item& one, const compiled_definition& definition) {
    const auto own = std::ranges::find_if(definition.coarsening, [&](const coarsening_setting& setting) {
        const bool of_sites = one.how == derivation::sites || one.how == derivation::site_count ||
                              one.how == derivation::session_codes;
        return setting.speaks_of(one.path()) ||
               (setting.how == coarsening_setting::effect::regions && of_sites);
    });
    if (own != definition.coarsening.end())
        return own->name;
    switch (one.how) {
    case derivation::age_band:
        return "age";
    case derivation::patient_sex:
        return "sex";
    case derivation::patient_ethnicity:
        return "ethnicity";
    case derivation::period:
        return "period";
    case derivation::days_since_event:
    case derivation::last_contact:
    case derivation::time_points:
    case derivation::adverse_events:
        return "days";
    default:
        return {};
    }
}

} // namespace auditgate::mapping::describe
