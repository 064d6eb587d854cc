#include "tests/support/support.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace auditgate::test {

temporary_folder::temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "auditgate.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    path_ = pattern;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + path.string());
    std::ostringstream content;
    content << in.rdbuf();
    return content.str();
}

void write_file(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out)
        throw std::runtime_error("cannot write " + path.string());
}

std::filesystem::path source_folder() {
    return AUDITGATE_SOURCE_DIR;
}

std::optional<std::filesystem::path> corpus_folder() {
    const char* set = std::getenv("AUDITGATE_CORPUS");
    const std::filesystem::path folder =
        set != nullptr ? std::filesystem::path(set) : source_folder() / "../shared/corpus";
    if (!std::filesystem::is_directory(folder))
        return std::nullopt;
    return std::filesystem::canonical(folder);
}

} // namespace auditgate::test
