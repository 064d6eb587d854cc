#include "gateway/observe/defect.hpp"

#include <boost/core/demangle.hpp>
#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <typeinfo>

namespace auditgate::gateway::observe {
namespace {

void tell_type_and_abort() {
    std::fprintf(stderr, "auditgate: stopped by a defect: %s\n", type_name(std::current_exception()).c_str());
    std::abort();
}

} // namespace

std::string type_name(const std::exception_ptr& thrown) {
    if (!thrown)
        return "none";
    try {
        std::rethrow_exception(thrown);
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        return type == nullptr ? "unknown" : boost::core::demangle(type->name());
    }
}

void tell_only_types_when_terminated() {
    std::set_terminate(tell_type_and_abort);
}

} // namespace auditgate::gateway::observe
