// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/turbomind_directory.hpp"

#include <lmbench/plugin.hpp>

#include "turbomind/model/architecture_check.hpp"
#include "turbomind/model/config_ini.hpp"
#include "turbomind/model/turbomind_files.hpp"
#include "turbomind/model/turbomind_weights.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;

// tensor_para_size wins unless it is 1.
std::uint32_t ranks_in_force(const ModelConfig& config, std::uint32_t requested,
                             const std::string& place) {
  if (config.tensor_para_size == 1) return requested;
  if (requested != 1 && requested != config.tensor_para_size) {
    throw Error(Code::invalid_argument, place + ": the files are cut for tensor_para_size = " +
                                            std::to_string(config.tensor_para_size) +
                                            ", so tp = " + std::to_string(requested) +
                                            " is impossible; convert the model again");
  }
  return config.tensor_para_size;
}

OpenedModel outline_of(ModelConfig config, const fs::path& folder, const ModelRequest& request) {
  const std::string place = (folder / "config.ini").string();
  OpenedModel model;
  model.ranks = ranks_in_force(config, request.ranks, place);
  check_split(config.architecture, model.ranks, place);
  model.architecture = std::move(config.architecture);
  model.data_type = request.data_type.value_or(config.weight_type);
  model.defaults = config.defaults;
  model.has_config_ini = true;
  model.warnings = std::move(config.warnings);
  return model;
}

}  // namespace

fs::path find_turbomind_weights(const fs::path& directory) {
  for (const fs::path& folder : {directory / "triton_models" / "weights", directory}) {
    if (fs::exists(folder / "config.yaml")) {
      throw Error(Code::unsupported, (folder / "config.yaml").string() +
                                         ": the format of lmdeploy 0.6 and later is not supported; "
                                         "convert the original checkpoint with lmbench convert");
    }
    if (fs::exists(folder / "config.ini")) return folder;
  }
  return {};
}

OpenedModel open_turbomind_directory(const fs::path& folder, const ModelRequest& request) {
  const ModelConfig config = read_config_ini(folder / "config.ini");
  OpenedModel model = outline_of(config, folder, request);
  const TurbomindLayout layout = find_layout(folder, config, model.ranks);
  find_biases(layout, model.architecture, model.warnings);
  check_files(layout, model.architecture);
  warn_of_extra_files(layout, model.architecture, model.warnings);
  model.weights = std::make_unique<TurbomindWeights>(model.architecture, layout, model.data_type);
  return model;
}

OpenedModel outline_turbomind_directory(const fs::path& folder, const ModelRequest& request) {
  return outline_of(read_config_ini(folder / "config.ini"), folder, request);
}

}  // namespace turbomind
