// How a defect of the program is told: by the type of the exception, never by its text, which may quote a message.
#pragma once

#include <exception>
#include <string>

namespace auditgate::gateway::observe {

// "std::out_of_range"; "none" for no exception.
[[nodiscard]] std::string type_name(const std::exception_ptr& thrown);

// From now on std::terminate() writes the type of the exception to standard error, and aborts.
void tell_only_types_when_terminated();

} // namespace auditgate::gateway::observe
