#include "gateway/cli/send_messages.hpp"

#include "hl7v2/batch.hpp"
#include "hl7v2/header.hpp"

namespace auditgate::gateway::cli {

void add_messages(std::vector<outgoing_message>& to, const std::filesystem::path& file,
                  std::string_view content) {
    if (!hl7v2::is_batch(content)) {
        to.push_back({file, 1, std::string(content)});
        return;
    }
    std::size_t number = 0;
    for (const hl7v2::batch_message& one : hl7v2::split_batch(content).messages)
        to.push_back({file, ++number, std::string(content.substr(one.offset, one.size))});
}

bool wants_answer(std::string_view message) {
    const hl7v2::message_header header = hl7v2::read_header(message);
    const auto plan = plan_acknowledgement(header, hl7v2::acknowledgement_verdict::accepted);
    return plan.accept || plan.application;
}

answer_search::answer_search(std::string_view message)
    : control_id_(hl7v2::read_header(message).message_control_id) {}

std::optional<hl7v2::received_acknowledgement> answer_search::feed(std::string_view bytes) {
    framer_.feed(bytes);
    while (const std::optional<hl7v2::mllp_event> event = framer_.next()) {
        if (event->kind != hl7v2::mllp_event_kind::frame)
            continue;
        std::optional<hl7v2::received_acknowledgement> answer = hl7v2::read_acknowledgement(event->bytes);
        if (answer && answer->message_control_id == control_id_)
            return answer;
    }
    return std::nullopt;
}

} // namespace auditgate::gateway::cli
