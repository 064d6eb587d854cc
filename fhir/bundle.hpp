// The resources of a document (one resource, or a Bundle of them) and the references between them.
#pragma once

#include "fhir/json.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auditgate::fhir {

// One resource where it stands. Looks into the document.
struct resource_entry {
    const json::value* resource = nullptr; // nullptr: an entry without one, such as a DELETE
    std::string path;                      // Procedure; Bundle.entry[3].resource; Procedure.contained[0]
    std::string_view full_url{};           // Bundle.entry.fullUrl
    std::string_view method{};             // Bundle.entry.request.method
    std::string_view url{};                // Bundle.entry.request.url
    std::string_view last_modified{};      // Bundle.entry.response.lastModified: when the server changed it
    bool has_modifier = false;             // Bundle.entry.modifierExtension is there
    bool is_created = false;               // POST of a batch or transaction: nobody knows it by its `id` yet
    const resource_entry* container = nullptr; // of a contained resource, what it lies in

    [[nodiscard]] std::string_view type() const; // resourceType, "" without resource
    [[nodiscard]] std::string_view id() const;
    // "Type/id" by which the sender knows the resource in other documents too; "" when there is none. The id of a contained
    // resource is of that one document (R4 references.html#contained). Of one to be created the id is ignored, and the fullUrl,
    // where it is no UUID, is the identity at the source (http.html#trules).
    [[nodiscard]] std::string identity() const;
    // "Type/<fullUrl>" when that is a UUID (urn:uuid, RFC 4122), which nothing else in the world has; "" when it is not.
    [[nodiscard]] std::string uuid_identity() const;
};

// "Procedure/123" of a relative or absolute, versioned or unversioned literal reference; "" for all else (urn:uuid,
// contained, conditional).
[[nodiscard]] std::string literal_target(std::string_view reference);

// "system|value" of a conditional reference such as "Patient?identifier=system|value"; "" for all else.
[[nodiscard]] std::string conditional_identifier(std::string_view reference);

// A view of a document, which must outlive it. The entries of a Bundle inside the Bundle are not looked into.
class resource_set {
public:
    explicit resource_set(const json::value& document);
    resource_set(const resource_set&) = delete; // entries point to each other
    resource_set& operator=(const resource_set&) = delete;

    // In order. A Bundle's entries without the Bundle itself; of any other resource that one alone.
    [[nodiscard]] const std::vector<resource_entry>& entries() const { return entries_; }
    // Bundle.timestamp, or "".
    [[nodiscard]] std::string_view timestamp() const { return timestamp_; }

    // What a reference in `from` points to (R4 references.html#contained, bundle.html#references): a contained resource by
    // "#id", what contains it by "#"; an entry by its fullUrl, a relative reference by the base of the fullUrl of `from`. Of
    // entries without a RESTful fullUrl nobody knows the base: they are found by type and id alone. Of several versions the
    // one that is named, else the latest. A conditional reference finds the one entry with that identifier. nullptr: nothing in
    // this document, or nobody can say which.
    [[nodiscard]] const resource_entry* resolve(std::string_view reference, const resource_entry& from) const;
    // The one entry of this type that has this identifier (a logical reference, references.html#logical); nullptr: none, or
    // several.
    [[nodiscard]] const resource_entry* find_by_identifier(std::string_view type, std::string_view system,
                                                           std::string_view number) const;

private:
    using candidates = std::vector<const resource_entry*>;
    using index_of_entries = std::unordered_map<std::string, candidates>;

    void index(const resource_entry& entry);
    [[nodiscard]] candidates find_literal(std::string_view reference, const resource_entry& from) const;

    std::vector<resource_entry> entries_;
    std::deque<resource_entry> contained_;
    index_of_entries by_full_url_;
    index_of_entries by_type_and_id_;
    index_of_entries by_identifier_;                                         // Type?system|value
    std::unordered_map<std::string, const resource_entry*> by_contained_id_; // <path of the container>#<id>
    std::string_view timestamp_;
};

// The elements of a repeating element. XML and careless senders write a single one without a list: then that one.
[[nodiscard]] std::vector<const json::value*> elements(const json::value& content);

} // namespace auditgate::fhir
