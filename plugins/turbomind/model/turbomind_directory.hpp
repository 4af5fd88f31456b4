// A TurboMind model directory: config.ini and one headerless file per tensor and rank, as lmdeploy
// v0.1.0 writes them. A directory for one rank can be read by any number of ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "turbomind/model/open_model.hpp"

namespace turbomind {

// The folder with config.ini: the directory itself or its triton_models/weights; empty if neither.
// Throws sdk::Error(unsupported) for the format of later versions (config.yaml).
std::filesystem::path find_turbomind_weights(const std::filesystem::path& directory);

// Looks at the size of every file; reads none. Throws sdk::Error.
OpenedModel open_turbomind_directory(const std::filesystem::path& weights_folder,
                                     const ModelRequest& request);

// The shape alone, for dummy weights; there need be no tensor files.
OpenedModel outline_turbomind_directory(const std::filesystem::path& weights_folder,
                                        const ModelRequest& request);

}  // namespace turbomind
