// A dataset in words, for those who answer for an audit and read no YAML: every item with its meaning, how it is found, its
// codes and window, its words, what stands when it is not known, how it is de-identified and where it is in the feed. Made
// from the definition that runs, so that it cannot say anything else.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/feed/layout.hpp"

#include <memory>
#include <span>
#include <string>

namespace auditgate::mapping {

// One chapter in Markdown. `places` of this version of the dataset; nullptr: nothing is said of the feed.
[[nodiscard]] std::string dataset_chapter(const compiled_definition& definition, const feed::layout* places);

// The page with a chapter for each definition; their layouts are looked for among `layouts`.
[[nodiscard]] std::string
dataset_page(std::span<const std::shared_ptr<const compiled_definition>> definitions,
             std::span<const feed::layout> layouts);

} // namespace auditgate::mapping
