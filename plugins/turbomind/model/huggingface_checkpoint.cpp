// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_checkpoint.hpp"

#include <lmbench/plugin.hpp>
#include <nlohmann/json.hpp>

#include "turbomind/model/element_conversion.hpp"
#include "turbomind/model/text_file.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;
using nlohmann::json;

constexpr const char* kIndex = "model.safetensors.index.json";

std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const std::string path = index.string();
  const auto refuse = [&](const std::string& what) {
    throw Error(Code::invalid_argument, path + ": " + what);
  };
  json parsed;
  try {
    parsed = json::parse(read_text_file(index));
  } catch (const json::exception& e) {
    refuse(std::string("not valid JSON: ") + e.what());
  }
  if (!parsed.is_object() || !parsed.contains("weight_map") || !parsed["weight_map"].is_object()) {
    refuse("there is no object 'weight_map'");
  }
  std::map<std::string, std::string> map;
  for (const auto& [name, file] : parsed["weight_map"].items()) {
    if (!file.is_string()) refuse("the file of tensor '" + name + "' is not a text");
    const auto file_name = file.get<std::string>();
    if (file_name.empty() || fs::path(file_name).filename() != file_name || file_name == "..") {
      refuse("tensor '" + name + "' is said to be in '" + file_name + "', which is no file name");
    }
    map.emplace(name, file_name);
  }
  return map;
}

}  // namespace

HuggingfaceCheckpoint::HuggingfaceCheckpoint(const fs::path& directory) : directory_(directory) {
  const fs::path index = directory / kIndex;
  if (fs::exists(index)) {
    open_index(index);
  } else {
    open_single();
  }
}

const SafetensorsFile& HuggingfaceCheckpoint::open(const std::string& file_name) {
  auto& file = files_[file_name];
  if (file == nullptr) file = std::make_unique<SafetensorsFile>(directory_ / file_name);
  return *file;
}

// Only what the index names is part of the model; other files in the folder are not looked at.
void HuggingfaceCheckpoint::open_index(const fs::path& index) {
  for (const auto& [name, file_name] : read_weight_map(index)) {
    const SafetensorsFile& file = open(file_name);
    const auto found = file.tensors().find(name);
    if (found == file.tensors().end()) {
      throw Error(Code::invalid_argument,
                  index.string() + ": tensor '" + name + "' is not in " + file.path().string());
    }
    tensors_.emplace(name, Place{&file, &found->second});
  }
}

void HuggingfaceCheckpoint::open_single() {
  if (!fs::exists(directory_ / "model.safetensors")) {
    bool has_torch_files = false;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
      const fs::path extension = entry.path().extension();
      has_torch_files = has_torch_files || extension == ".bin" || extension == ".pth";
    }
    if (has_torch_files) {
      throw Error(Code::unsupported, directory_.string() +
                                         ": weights as PyTorch files are not supported; save the "
                                         "model as safetensors (save_pretrained does)");
    }
    throw Error(Code::not_found,
                directory_.string() + " has neither model.safetensors nor " + kIndex);
  }
  const SafetensorsFile& file = open("model.safetensors");
  for (const auto& [name, entry] : file.tensors()) tensors_.emplace(name, Place{&file, &entry});
}

std::vector<std::string> HuggingfaceCheckpoint::names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const auto& [name, place] : tensors_) names.push_back(name);
  return names;
}

const HuggingfaceCheckpoint::Place& HuggingfaceCheckpoint::place_of(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  throw Error(Code::invalid_argument, directory_.string() + ": there is no tensor '" + name + "'");
}

const std::vector<std::uint64_t>& HuggingfaceCheckpoint::shape_of(const std::string& name) const {
  return place_of(name).entry->shape;
}

const std::string& HuggingfaceCheckpoint::dtype_of(const std::string& name) const {
  return place_of(name).entry->dtype;
}

DataType HuggingfaceCheckpoint::data_type_of(const std::string& name) const {
  const std::string& dtype = dtype_of(name);
  if (dtype == "F32") return DataType::fp32;
  if (dtype == "F16") return DataType::fp16;
  if (dtype == "BF16") return DataType::bf16;
  throw Error(Code::unsupported, directory_.string() + ": tensor '" + name + "' is of type " +
                                     dtype + "; F32, F16 and BF16 are supported");
}

void HuggingfaceCheckpoint::read(const std::string& name, std::uint64_t first, DataType type,
                                 std::span<std::byte> out) const {
  const Place& place = place_of(name);
  const DataType own = data_type_of(name);
  if (own == type) {
    place.file->read(*place.entry, first * bytes_of(own), out);
    return;
  }
  std::vector<std::byte> raw(out.size() / bytes_of(type) * bytes_of(own));
  place.file->read(*place.entry, first * bytes_of(own), raw);
  convert_elements(raw, own, out, type);
}

}  // namespace turbomind
