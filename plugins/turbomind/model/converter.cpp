// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/converter.hpp"

#include <unistd.h>

#include <fstream>
#include <lmbench/config_reader.hpp>
#include <system_error>
#include <utility>

#include "turbomind/model/config_ini_text.hpp"
#include "turbomind/model/finite_weights.hpp"
#include "turbomind/model/huggingface_config.hpp"
#include "turbomind/model/huggingface_directory.hpp"
#include "turbomind/model/turbomind_writer.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::abi;
using lmbench::sdk::Error;

// A folder beside the target that becomes it, or goes.
class PartialTarget {
 public:
  explicit PartialTarget(const fs::path& target)
      : target_(target), partial_(target.string() + ".partial-" + std::to_string(::getpid())) {
    fs::remove_all(partial_);
    fs::create_directories(partial_);
  }
  PartialTarget(const PartialTarget&) = delete;
  PartialTarget& operator=(const PartialTarget&) = delete;
  ~PartialTarget() {
    std::error_code ignored;
    fs::remove_all(partial_, ignored);
  }
  const fs::path& path() const { return partial_; }
  void commit() {
    fs::remove_all(target_);
    fs::rename(partial_, target_);
  }
 private:
  fs::path target_;
  fs::path partial_;
};

void check_target(const ConversionRequest& request) {
  if (!fs::exists(request.target) || request.replaces_target) return;
  if (fs::is_directory(request.target) && fs::is_empty(request.target)) return;
  throw Error(Code::invalid_argument,
              request.target.string() + " exists and is not empty; say force to replace it");
}

// What the TurboMind format cannot say.
void check_representable(const Architecture& model, const std::string& place) {
  if (model.hidden_size != model.head_num * model.size_per_head) {
    throw Error(Code::unsupported,
                place +
                    ": hidden_size is not num_attention_heads x head_dim, which the TurboMind " +
                    "format cannot express; use the directory without converting it");
  }
  if (model.has_o_bias && !model.has_qkv_bias) {
    throw Error(Code::unsupported, place +
                                       ": a bias of o_proj without biases of q, k and v, which "
                                       "the TurboMind format cannot express");
  }
}

OpenedModel open_source(const ConversionRequest& request) {
  std::vector<std::string> unused;
  ModelRequest model_request;
  model_request.path = request.source.string();
  model_request.ranks = request.ranks;
  OpenedModel model = open_huggingface_directory(request.source, model_request, &unused);
  if (!unused.empty()) {
    throw Error(Code::invalid_argument,
                request.source.string() + ": " + std::to_string(unused.size()) +
                    " tensor(s) have no place in a TurboMind model, such as '" + unused.front() +
                    "'");
  }
  check_representable(model.architecture, request.source.string());
  if (model.data_type == DataType::bf16) return model;
  model_request.data_type = DataType::fp16;  // as the original writes fp32 sources
  return open_huggingface_directory(request.source, model_request);
}

// tokenizer.model or qwen.tiktoken, every *.json and *.py; not the index of the shards.
bool is_tokenizer_file(const fs::path& path) {
  const std::string name = path.filename().string();
  const fs::path extension = path.extension();
  if (name == "tokenizer.model" || name == "qwen.tiktoken") return true;
  if (name.find(".index.json") != std::string::npos) return false;
  return extension == ".json" || extension == ".py";
}

void copy_tokenizer(const ConversionRequest& request, const fs::path& folder) {
  fs::create_directories(folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(request.source)) {
    if (!entry.is_regular_file() || !is_tokenizer_file(entry.path())) continue;
    fs::copy_file(entry.path(), folder / entry.path().filename());
  }
  if (request.tokenizer_path.empty()) return;
  fs::copy_file(request.tokenizer_path, folder / request.tokenizer_path.filename(),
                fs::copy_options::overwrite_existing);
}

void write_config(const OpenedModel& model, const ConversionRequest& request,
                  const fs::path& path) {
  const ConfigIniFields fields{.model_name = request.model_name,
                               .tensor_para_size = request.ranks,
                               .start_id = read_huggingface_config(request.source).start_id,
                               .weight_type = model.data_type};
  std::ofstream stream(path, std::ios::binary);
  stream << config_ini_text(model.architecture, fields);
  stream.close();
  if (!stream) throw Error(Code::internal, "cannot write " + path.string());
}

void refuse_formats(lmbench::sdk::ConfigReader& reader) {
  const std::string format = reader.text("model_format", "");
  if (!format.empty() && format != "hf") {
    const bool is_known = format == "awq" || format == "llama" || format == "qwen";
    throw Error(is_known ? Code::unsupported : Code::invalid_argument,
                "model_format = '" + format + "' is not supported; only 'hf' is");
  }
  if (!reader.text("quant_path", "").empty() || reader.integer("group_size", 0, {0, 1024}) != 0) {
    throw Error(Code::unsupported, "quantised weights (quant_path, group_size) are not supported");
  }
}

ConversionRequest read_options(lmbench::ConfigView options) {
  lmbench::sdk::ConfigReader reader(options);
  ConversionRequest request;
  request.model_name = reader.text("model_name");
  request.ranks = static_cast<std::uint32_t>(reader.integer("tp", 1, {1, 1024}));
  request.tokenizer_path = reader.text("tokenizer_path", "");
  request.replaces_target = reader.boolean("force", false);
  refuse_formats(reader);
  reader.finish();
  const bool is_line = request.model_name.find_first_of("\r\n;#") == std::string::npos;
  if (!is_line) throw Error(Code::invalid_argument, "model_name must be a plain name");
  return request;
}

}  // namespace

void convert_model(const ConversionRequest& request, const std::function<void(double)>& progress) {
  try {
    check_target(request);
    if (!fs::exists(request.source / "config.json")) {
      throw Error(Code::not_found,
                  request.source.string() + " is no Hugging Face directory: it has no config.json");
    }
    OpenedModel model = open_source(request);
    PartialTarget target(request.target);
    const fs::path weights = target.path() / "triton_models" / "weights";
    fs::create_directories(weights);
    write_config(model, request, weights / "config.ini");
    copy_tokenizer(request, target.path() / "triton_models" / "tokenizer");
    // A value beyond the range of fp16 would become infinity without a word.
    const FiniteWeights source(std::move(model.weights));
    write_turbomind_weights(source, request.ranks, weights, progress);
    target.commit();
  } catch (const fs::filesystem_error& e) {
    throw Error(Code::internal, std::string("cannot convert: ") + e.what());
  }
}

lmbench::Code Converter::convert(lmbench::StrView source, lmbench::StrView target,
                                 lmbench::ConfigView options, lmbench::IProgressSink* progress,
                                 lmbench::ErrorText* error) noexcept {
  return lmbench::sdk::guarded(error, [&] {
    ConversionRequest request = read_options(options);
    request.source = std::string(lmbench::sdk::view(source));
    request.target = fs::path(lmbench::sdk::view(target)).lexically_normal();
    if (!request.target.has_filename()) request.target = request.target.parent_path();
    convert_model(request, [&](double fraction) {
      if (progress == nullptr) return;
      if (progress->on_progress(abi("converting"), fraction) == Code::ok) return;
      throw Error(Code::cancelled, "the conversion was stopped");
    });
    return Code::ok;
  });
}

}  // namespace turbomind
