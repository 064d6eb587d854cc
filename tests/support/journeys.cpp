#include "tests/support/journeys.hpp"

#include "gateway/acceptance/dry_run.hpp"
#include "gateway/acceptance/environment.hpp"
#include "tests/support/support.hpp"

#include <functional>
#include <random>
#include <regex>
#include <stdexcept>

namespace auditgate::test {

namespace {

using chooser = std::function<int(int)>;

// 312 is 0.312.
std::string decimal(int thousandths) {
    std::string digits = std::to_string(1000 + thousandths);
    return "0." + digits.substr(1);
}

// Looks at a message only when it has the word: most have none of them.
void vary(std::string& message, std::string_view word, const std::regex& pattern,
          const std::string& instead) {
    if (message.find(word) != std::string::npos)
        message = std::regex_replace(message, pattern, instead);
}

void vary_values(std::string& message, const chooser& choose) {
    static const std::regex worst(R"((BPI-WORST\^[^|]*\|\|)\d+)"), index(R"((EQ5D-INDEX\^[^|]*\|\|)[\d.]+)"),
        scale(R"((EQ-VAS\^[^|]*\|\|)\d+)"), dose(R"((N02AA01\^Morphine\^ATC\|)30\b)"),
        instrument(R"(BPI-WORST\^)"), average(R"(BPI-AVERAGE\^)"),
        when_needed(R"(N02AA01\^Morphine\^ATC\|10(\|\|mg\rTQ1\|1\|\|Q4H\|\|\|\|\d+)\|\|PRN)"),
        cement(R"(\|none\^None\^L)"), route(R"(RFA-ROUTE\^Route\^L\|\|transpedicular\^Transpedicular\^L)"),
        category(R"(\|pain-flare\^)"), related(R"(\|procedure\^Procedure\^L)");
    vary(message, "BPI-WORST", worst, "$01" + std::to_string(choose(11)));
    vary(message, "EQ5D-INDEX", index, "$01" + decimal(choose(1000)));
    vary(message, "EQ-VAS", scale, "$01" + std::to_string(choose(101)));
    vary(message, "Morphine", dose, "$01" + std::to_string(10 * (1 + choose(9))));
    if (message.find("PROM-FOLLOW-UP") != std::string::npos && choose(8) == 0) {
        vary(message, "BPI-WORST", instrument, "PAIN-NRS^");
        vary(message, "BPI-AVERAGE", average, "OTHER^");
    }
    if (choose(10) == 0) // a regular drug that cannot be converted beside the other
        vary(message, "Morphine", when_needed, "N07BC02^Methadone^ATC|10$1");
    if (choose(5) == 0)
        vary(message, "RFA-CEMENT", cement, "|kyphoplasty^Kyphoplasty^L");
    if (choose(25) == 0)
        vary(message, "RFA-ROUTE", route, "RFA-STATUS^Status^L||stopped^Stopped^L");
    static const char* const categories[] = {"pain-flare", "infection", "bleeding", "pathological-fracture"};
    static const char* const relatedness[] = {"device", "procedure", "disease", "unrelated"};
    vary(message, "AE-CATEGORY", category, std::string("|") + categories[choose(4)] + "^");
    vary(message, "AE-RELATEDNESS", related, std::string("|") + relatedness[choose(4)] + "^X^L");
}

} // namespace

std::vector<std::string> varied_journey(int patient) {
    std::mt19937 random(static_cast<std::uint32_t>(patient));
    const chooser choose = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    constexpr std::chrono::sys_days first{std::chrono::year{2025} / 2 / 24}; // none is closed on the last day
    constexpr int days = 490;
    std::vector<std::string> messages =
        sample_journey(patient, first + std::chrono::days(patient * 7 % days));
    std::erase_if(messages, [&](const std::string& one) {
        const bool left_out = choose(5) == 0; // drawn for each, so that what is left varies alike
        for (const char* kind : {"PROM-", "MDT-OUTCOME", "ADVERSE-EVENT"})
            if (left_out && one.find(kind) != std::string::npos)
                return true;
        return false;
    });
    for (std::string& one : messages)
        vary_values(one, choose);
    return messages;
}

std::string records_of_journeys(int patients) {
    namespace acceptance = gateway::acceptance;
    mapping::definition_settings settings;
    settings.allow_test_numbers = true;
    auto environment =
        acceptance::load_environment(source_folder() / "config", {"nice-rfa-spinal-metastases"}, settings);
    if (!environment.loaded)
        throw std::runtime_error("the shipped configuration has problems");
    environment.loaded->destination.key_id = "test";
    environment.loaded->destination.release = mapping::release_schedule::immediate;
    environment.loaded->destination.send_without_nhs_number = true;
    environment.loaded->keys = {"record key", "pseudonym key"};
    constexpr std::chrono::local_days as_of{std::chrono::year{2026} / 7 / 8};
    std::string records;
    for (int patient = 0; patient < patients; ++patient) {
        acceptance::dry_run run(*environment.loaded);
        std::chrono::sys_time<std::chrono::milliseconds> at = std::chrono::sys_days(as_of.time_since_epoch());
        for (const std::string& message : varied_journey(patient)) {
            at += std::chrono::milliseconds(1);
            (void)run.receive(std::to_string(at.time_since_epoch().count()), message, at);
        }
        for (const acceptance::released_record& one : run.release(as_of, {}))
            records += fhir::json::write(one.record) + '\n';
    }
    return records;
}

} // namespace auditgate::test
