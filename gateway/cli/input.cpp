#include "gateway/cli/input.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace auditgate::gateway::cli {

namespace fs = std::filesystem;

result<std::string> read_input(const fs::path& file) {
    if (file == "-")
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    std::error_code ignored; // a folder opens as a stream, too
    std::ifstream in(file, std::ios::binary);
    if (!in || fs::is_directory(file, ignored))
        return error{errc::not_found, "cannot read " + file.string()};
    return std::string(std::istreambuf_iterator<char>(in), {});
}

result<std::vector<fs::path>> list_files(const std::vector<fs::path>& named) {
    std::vector<fs::path> files;
    for (const fs::path& one : named) {
        std::error_code failure;
        if (!fs::is_directory(one, failure)) {
            files.push_back(one);
            continue;
        }
        std::vector<fs::path> below;
        for (fs::recursive_directory_iterator at(one, failure), end; !failure && at != end;
             at.increment(failure)) {
            if (at->path().filename().string().starts_with('.'))
                at.disable_recursion_pending();
            else if (at->is_regular_file(failure))
                below.push_back(at->path());
        }
        if (failure)
            return error{errc::not_found, "cannot read " + one.string() + ": " + failure.message()};
        std::sort(below.begin(), below.end());
        files.insert(files.end(), below.begin(), below.end());
    }
    return files;
}

} // namespace auditgate::gateway::cli
