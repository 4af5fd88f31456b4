// A Hugging Face directory of a LLaMA-family model, read as it is: config.json and safetensors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "turbomind/model/open_model.hpp"

namespace turbomind {

// Reads configuration and headers; checks every tensor's name, shape and type. Tensors that nobody
// uses are one warning, and their names are in *unused unless that is null. Throws sdk::Error.
OpenedModel open_huggingface_directory(const std::filesystem::path& directory,
                                       const ModelRequest& request,
                                       std::vector<std::string>* unused = nullptr);

// The shape alone, for dummy weights; there need be no tensors.
OpenedModel outline_huggingface_directory(const std::filesystem::path& directory,
                                          const ModelRequest& request);

}  // namespace turbomind
