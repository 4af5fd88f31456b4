// What can be said about the machine without touching a device: for the manifest, so that a result
// can be told from one of another machine, or of the same one in another state.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lmbench::process {

// Name and value in a fixed order, "cpu_model" = "…". What the system does not tell is left out.
using Facts = std::vector<std::pair<std::string, std::string>>;

// root: "/" but for tests. Reads proc, sys and etc below it.
Facts machine_facts(const std::filesystem::path& root = "/");

// The variables of our environment that change what an engine does: CUDA, NCCL, OpenMP, oneDNN,
// the loader and our own.
Facts relevant_environment();

}  // namespace lmbench::process
