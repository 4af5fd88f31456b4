// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/open_model.hpp"

#include <filesystem>
#include <lmbench/plugin.hpp>
#include <utility>

#include "turbomind/model/architecture_check.hpp"
#include "turbomind/model/dummy_weights.hpp"
#include "turbomind/model/finite_weights.hpp"
#include "turbomind/model/huggingface_directory.hpp"
#include "turbomind/model/model_preset.hpp"
#include "turbomind/model/turbomind_directory.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;

OpenedModel outline_preset(const ModelRequest& request) {
  ModelConfig config = read_model_preset(request.path);
  check_split(config.architecture, request.ranks, request.path);
  OpenedModel model;
  model.architecture = std::move(config.architecture);
  if (model.architecture.name.empty()) {
    model.architecture.name = fs::path(request.path).stem().string();
  }
  model.data_type = request.data_type.value_or(config.weight_type);
  model.ranks = request.ranks;
  model.defaults = config.defaults;
  model.warnings = std::move(config.warnings);
  return model;
}

OpenedModel open_directory(const ModelRequest& request) {
  const bool is_dummy = request.weights == WeightOrigin::dummy;
  const fs::path weights = find_turbomind_weights(request.path);
  if (!weights.empty()) {
    return is_dummy ? outline_turbomind_directory(weights, request)
                    : open_turbomind_directory(weights, request);
  }
  if (fs::exists(fs::path(request.path) / "config.json")) {
    return is_dummy ? outline_huggingface_directory(request.path, request)
                    : open_huggingface_directory(request.path, request);
  }
  throw Error(Code::not_found,
              request.path + " is no model directory: it has neither config.ini, nor " +
                  "triton_models/weights/config.ini (TurboMind), nor config.json (Hugging Face)");
}

OpenedModel open_without_weights(const ModelRequest& request) {
  const fs::file_status status = fs::status(request.path);
  if (fs::is_directory(status)) return open_directory(request);
  if (!fs::exists(status)) throw Error(Code::not_found, "there is no model at " + request.path);
  if (request.weights == WeightOrigin::checkpoint) {
    throw Error(Code::invalid_argument,
                request.path + " is a shape preset and has no weights; say weights = \"dummy\", " +
                    "or name a model directory");
  }
  return outline_preset(request);
}

}  // namespace

OpenedModel open_model(const ModelRequest& request) {
  if (request.ranks == 0) throw Error(Code::invalid_argument, "tp must be at least 1");
  OpenedModel model;
  try {
    model = open_without_weights(request);
  } catch (const fs::filesystem_error& e) {
    throw Error(Code::not_found, "cannot read " + e.path1().string() + ": " + e.code().message());
  }
  if (model.weights == nullptr) {
    model.weights =
        std::make_unique<DummyWeights>(model.architecture, model.data_type, request.weights_seed);
  } else if (request.verifies_finite) {
    model.weights = std::make_unique<FiniteWeights>(std::move(model.weights));
  }
  return model;
}

}  // namespace turbomind
