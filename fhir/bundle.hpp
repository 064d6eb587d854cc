// The resources of a document (one resource, or a Bundle of them) and the references between them.
#pragma once

#include "fhir/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auditgate::fhir {

// One resource where it stands. Looks into the document.
struct resource_entry {
    const json::value* resource = nullptr; // nullptr: an entry without one, such as a DELETE
    std::string path;                      // Procedure; Bundle.entry[3].resource
    std::string_view full_url;             // Bundle.entry.fullUrl
    std::string_view method;               // Bundle.entry.request.method
    std::string_view url;                  // Bundle.entry.request.url

    [[nodiscard]] std::string_view type() const; // resourceType, "" without resource
    [[nodiscard]] std::string_view id() const;
};

// "Procedure/123" of a relative or absolute, versioned or unversioned literal reference; "" for all else (urn:uuid,
// contained, conditional).
[[nodiscard]] std::string literal_target(std::string_view reference);

// "system|value" of a conditional reference such as "Patient?identifier=system|value"; "" for all else.
[[nodiscard]] std::string conditional_identifier(std::string_view reference);

// A view of a document, which must outlive it.
class resource_set {
public:
    explicit resource_set(const json::value& document);

    // In order. A Bundle's entries without the Bundle itself; of any other resource that one alone.
    [[nodiscard]] const std::vector<resource_entry>& entries() const { return entries_; }
    // Bundle.timestamp, or "".
    [[nodiscard]] std::string_view timestamp() const { return timestamp_; }

    // What a reference in `from` points to (R4 2.36.4.1, bundle.html#references): a contained resource by "#id", an entry
    // by its fullUrl, or by type and id. nullptr: nothing in this document.
    [[nodiscard]] const json::value* resolve(std::string_view reference, const resource_entry& from) const;
    // The entry that holds this resource; nullptr for contained ones.
    [[nodiscard]] const resource_entry* entry_of(const json::value& resource) const;

private:
    std::vector<resource_entry> entries_;
    std::string_view timestamp_;
};

// The elements of a repeating element. XML and careless senders write a single one without a list: then that one.
[[nodiscard]] std::vector<const json::value*> elements(const json::value& content);

} // namespace auditgate::fhir
