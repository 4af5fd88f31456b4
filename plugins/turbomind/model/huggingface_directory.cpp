// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_directory.hpp"

#include <utility>

#include "turbomind/model/architecture_check.hpp"
#include "turbomind/model/huggingface_config.hpp"
#include "turbomind/model/huggingface_weights.hpp"

namespace turbomind {

namespace fs = std::filesystem;

OpenedModel outline_huggingface_directory(const fs::path& directory, const ModelRequest& request) {
  HuggingfaceConfig config = read_huggingface_config(directory);
  check_split(config.architecture, request.ranks, (directory / "config.json").string());
  OpenedModel model;
  model.architecture = std::move(config.architecture);
  model.data_type = request.data_type.value_or(config.data_type.value_or(DataType::fp32));
  model.ranks = request.ranks;
  return model;
}

OpenedModel open_huggingface_directory(const fs::path& directory, const ModelRequest& request,
                                       std::vector<std::string>* unused) {
  OpenedModel model = outline_huggingface_directory(directory, request);
  HuggingfaceCheckpoint checkpoint(directory);
  check_tensors(checkpoint, model.architecture);
  const std::vector<std::string> left_over = unused_tensors(checkpoint, model.architecture);
  if (!left_over.empty()) {
    model.warnings.push_back(directory.string() + ": " + std::to_string(left_over.size()) +
                             " tensor(s) are not part of this model and not read, such as '" +
                             left_over.front() + "'");
  }
  if (unused != nullptr) *unused = left_over;
  // The files decide, not torch_dtype; of a mixed checkpoint, its largest matrices.
  const std::string matrix = parts_of(Tensor::w1, 0, model.architecture, checkpoint)[0].name;
  model.data_type = request.data_type.value_or(checkpoint.data_type_of(matrix));
  model.weights = std::make_unique<HuggingfaceWeights>(model.architecture, std::move(checkpoint),
                                                       model.data_type);
  return model;
}

}  // namespace turbomind
