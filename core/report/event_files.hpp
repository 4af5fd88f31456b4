// events/<case>.npy, .requests.npy and, in A/B sessions, .tokens.npy: the raw observations of one
// case as NumPy arrays (format version 1.0), so that numpy.load() reads them and any figure can be
// computed again later. The element layouts are those of stats/case_record.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "stats/case_record.hpp"

namespace lmbench::report {

// Throw Error when the file cannot be written or read, or is not of this layout. The folder must
// exist; the data is on the disk when a write returns.
void write_events(const std::filesystem::path& file, std::span<const stats::EventRecord> events);
void write_requests(const std::filesystem::path& file,
                    std::span<const stats::RequestRecord> requests);
// The token ids of the test requests, one after the other in the order of their table.
void write_token_ids(const std::filesystem::path& file, std::span<const std::int32_t> ids);
std::vector<stats::EventRecord> read_events(const std::filesystem::path& file);
std::vector<stats::RequestRecord> read_requests(const std::filesystem::path& file);
std::vector<std::int32_t> read_token_ids(const std::filesystem::path& file);

}  // namespace lmbench::report
