// config/gateway.yaml: how one gateway is set up. config/gateway.yaml in this repository explains every key to its
// users; the defaults stand here.
#pragma once

#include "gateway/network/http_server.hpp"
#include "gateway/network/tls_server.hpp"
#include "gateway/observe/log.hpp"
#include "hl7v2/acknowledgement.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/yaml/document.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway {

// Of an HTTP listener: a body is a message, and the answer waits for the commit.
[[nodiscard]] inline network::http_limits http_intake_limits() {
    network::http_limits limits;
    limits.body_bytes_max = 64'000'000;
    limits.answer_timeout = std::chrono::seconds(30);
    return limits;
}

struct mllp_limits {
    std::size_t frame_bytes_max = 64'000'000;
    std::size_t buffered_bytes_max = 256'000'000; // see intake/buffer_budget.hpp
    int connections_max = 256;
    int pipelined_max = 32; // frames of one connection that wait for their answers
    std::chrono::milliseconds idle_timeout{12 * 3'600'000}; // between frames
    std::chrono::milliseconds frame_timeout{60'000};        // from the first to the last byte of a frame
    std::chrono::milliseconds store_timeout{
        30'000}; // for the commit; then the connection is closed unanswered
    std::chrono::milliseconds write_timeout{30'000}; // for the peer to take an answer

    bool operator==(const mllp_limits&) const = default;
};

enum class listener_protocol { mllp, http };

// Who may send to an HTTP listener.
struct http_client_config {
    std::string name;
    std::filesystem::path token_file; // bearer token

    bool operator==(const http_client_config&) const = default;
};

struct listener_config {
    std::string name;
    mapping::yaml::position where;
    listener_protocol protocol = listener_protocol::mllp;
    std::string address = "0.0.0.0";
    std::uint16_t port = 2575; // 0: any free one
    mllp_limits limits;
    network::http_limits http = http_intake_limits();
    std::vector<http_client_config> clients; // of HTTP; none: whoever reaches the port
    std::optional<network::tls_settings> tls;

    bool operator==(const listener_config&) const = default;
};

// A source takes the messages that fit all of its patterns; `*` stands for any text, `?` for one character. The first
// source in the file that fits is taken.
struct source_config {
    std::string name;
    std::optional<std::string> listener;           // none: any
    std::vector<std::string> sending_applications; // MSH-3.1; empty: any
    std::vector<std::string> sending_facilities;   // MSH-4.1; empty: any
    std::vector<std::string> message_types;        // MSH-9 as TYPE^EVENT; empty: any
    bool only_files = false; // a directory names it, and it has no pattern: it takes no other messages
    std::optional<std::filesystem::path> profile; // none: the standards' reading
    hl7v2::acknowledgement_mode acknowledgement = hl7v2::acknowledgement_mode::by_message;
    std::chrono::seconds duplicate_horizon{7 * 86'400};
    std::vector<std::string>
        strict; // codes of findings (hl7v2/finding.hpp) for which a message is refused; sorted
};

// A folder whose files are messages: HL7 v2, FHIR or tables. What was taken goes to done/ in it, what cannot be taken to
// failed/.
struct directory_config {
    std::string name;
    mapping::yaml::position where;
    std::filesystem::path path;
    std::optional<std::string> source;       // none: HL7 v2 only, the source is chosen by MSH
    std::string pattern = "*";               // of names; `*` stands for any text, `?` for one character
    std::chrono::milliseconds settle{5'000}; // a file is whole when it has not changed for so long
    std::chrono::milliseconds poll{2'000};
    std::size_t file_bytes_max =
        256'000'000; // of HL7 v2 and FHIR, which are read whole; tables may have any size

    bool operator==(const directory_config&) const = default;
};

// The national data opt-out, as files that somebody replaces (dataset.md section 8).
struct opt_out_config {
    std::optional<std::filesystem::path> request;  // NHS numbers that were asked about
    std::optional<std::filesystem::path> response; // those of them that are cleared
    std::optional<std::filesystem::path> dissent;  // a local list: never
    mapping::yaml::position where{};
};

// Where records go.
struct destination_config {
    std::string name;
    mapping::yaml::position where;                         // in the file
    std::string url;                                       // FHIR base address: https://registry.example/fhir
    std::optional<std::filesystem::path> authorities_file; // PEM; none: the system's
    std::optional<std::filesystem::path> token_file;       // bearer token
    int connections = 1;
    std::string dataset; // the only one that it gets; empty: every dataset of the gateway
    mapping::yaml::position dataset_at;
    // The root of the destination's keys, 64 hexadecimal digits, where the hospitals of one registry share them; none: keys
    // of this installation alone.
    std::optional<std::filesystem::path> key_file;
    opt_out_config opt_out_files;
    mapping::destination_settings settings;
};

struct operations_config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 9275; // 0: any free one

    bool operator==(const operations_config&) const = default;
};

// How long bytes of messages are kept; how long facts are, each dataset's definition says. Shorter than the longest
// duplicate horizon it must not be: an answer is given again from what was stored.
struct retention_config {
    std::chrono::days journal{90};    // applied, not relevant, refused
    std::chrono::days unsettled{400}; // held, in quarantine, and nobody has dealt with it

    bool operator==(const retention_config&) const = default;
};

// A file that has to be there when the gateway starts, and where gateway.yaml names it.
struct needed_file {
    enum class content { token, pem, any };

    std::filesystem::path file;
    content holds{};
    std::string key; // that names it
    mapping::yaml::position where;
};

struct gateway_config {
    std::filesystem::path file; // this was read from; relative paths in it start from its folder
    std::filesystem::path data_folder;
    observe::log_level log_least = observe::log_level::info;
    operations_config operations;
    retention_config retention;
    int io_threads = 2;
    int mapping_threads = 2;
    std::vector<listener_config> listeners;
    std::vector<source_config> sources;
    std::vector<directory_config> directories;
    std::vector<destination_config> destinations; // none: records are computed and wait
    std::filesystem::path terminology_folder;
    std::vector<std::filesystem::path> datasets; // definition files
    std::vector<std::filesystem::path> feeds; // layouts of the feed, one for each dataset that is delivered
    mapping::yaml::position feeds_at;         // of `feeds` in the file, or of `mapping`
    std::vector<needed_file> needed_files;
    std::string ome_table = "uk";
    mapping::yaml::position ome_table_at; // or of `mapping`, when it stands nowhere
    std::string time_zone = "Europe/London";
    mapping::yaml::position time_zone_at;
    bool allow_test_numbers = false;
};

struct gateway_config_load {
    std::optional<gateway_config> loaded; // none when there is any problem
    std::vector<mapping::yaml::problem> problems;
};

// Reads the file alone; what it refers to is checked by load_configuration() (configuration.hpp).
[[nodiscard]] gateway_config_load load_gateway_config(const std::filesystem::path& file);
[[nodiscard]] gateway_config_load parse_gateway_config(std::string_view text,
                                                       const std::filesystem::path& file);

} // namespace auditgate::gateway
