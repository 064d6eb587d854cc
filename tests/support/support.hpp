// What tests of several modules share: temporary folders, files, the folder of public test messages.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::test {

// A folder of its own under the system's temporary folder, removed with all its content at the end of the scope.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

[[nodiscard]] std::string read_file(const std::filesystem::path& path); // throws when it cannot be read
void write_file(const std::filesystem::path& path, std::string_view content);

// The root of this checkout.
[[nodiscard]] std::filesystem::path source_folder();

// The folder of public test messages: $AUDITGATE_CORPUS, else ../shared/corpus beside the checkout; none when it is not
// there. Tests that need it must then skip with a visible line.
[[nodiscard]] std::optional<std::filesystem::path> corpus_folder();

} // namespace auditgate::test
