#include "gateway/result.hpp"

#include <stdexcept>

namespace auditgate::gateway {

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
    throw std::logic_error("unchecked failure at " + std::string(where.file_name()) + ": " + failure.message);
}

} // namespace auditgate::gateway
