// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/turbomind_files.hpp"

#include <lmbench/plugin.hpp>
#include <set>
#include <system_error>

#include "turbomind/model/problem_list.hpp"
#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;

// Calls visit(tensor, layer, rank) for each file of this model.
template <class Visit>
void for_each_file(const Architecture& model, std::uint32_t file_ranks, Visit visit) {
  for_each_tensor(model, [&](Tensor tensor, std::uint32_t layer) {
    const std::uint32_t copies = is_of_rank(tensor) ? file_ranks : 1;
    for (std::uint32_t rank = 0; rank < copies; ++rank) visit(tensor, layer, rank);
  });
}

struct BiasFiles {
  std::uint64_t present = 0;
  std::uint64_t expected = 0;
  std::string first_missing;
};

BiasFiles look_for(Tensor bias, const TurbomindLayout& layout, const Architecture& model) {
  BiasFiles files;
  for (std::uint32_t layer = 0; layer < model.num_layer; ++layer) {
    for (std::uint32_t rank = 0; rank < layout.file_ranks; ++rank, ++files.expected) {
      const fs::path path = layout.folder / file_name_of(bias, layer, rank);
      std::error_code ignored;
      if (fs::exists(path, ignored)) {
        ++files.present;
      } else if (files.first_missing.empty()) {
        files.first_missing = path.string();
      }
    }
  }
  return files;
}

std::uint64_t file_size(const fs::path& path, bool& is_there) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  is_there = !error;
  return is_there ? size : 0;
}

std::string shape_text(const TensorShape& shape, std::uint32_t width) {
  const std::string rows = shape.rows == 1 ? "" : std::to_string(shape.rows) + ", ";
  return "[" + rows + std::to_string(shape.columns) + "] (" +
         std::to_string(shape.rows * shape.columns * width) + " bytes)";
}

}  // namespace

std::string file_name_of(Tensor tensor, std::uint32_t layer, std::uint32_t rank) {
  std::string name = name_of(tensor, layer);
  if (is_of_rank(tensor)) name.insert(name.rfind('.'), "." + std::to_string(rank));
  return name;
}

TurbomindLayout find_layout(const fs::path& folder, const ModelConfig& config,
                            std::uint32_t ranks) {
  TurbomindLayout layout{folder, 1, ranks, config.weight_type};
  const fs::path last = folder / file_name_of(Tensor::w_qkv, 0, ranks - 1);
  if (config.tensor_para_size == ranks || fs::exists(last)) layout.file_ranks = ranks;
  return layout;
}

void find_biases(const TurbomindLayout& layout, Architecture& model,
                 std::vector<std::string>& warnings) {
  const bool is_promised = model.has_qkv_bias;
  const std::string place = layout.folder.string();
  const BiasFiles qkv = look_for(Tensor::w_qkv_bias, layout, model);
  const BiasFiles output = look_for(Tensor::wo_bias, layout, model);
  for (const BiasFiles* files : {&qkv, &output}) {
    if (files->present == 0 || files->present == files->expected) continue;
    throw Error(Code::invalid_argument,
                place + ": biases are there for some layers or ranks only; the first missing is " +
                    files->first_missing);
  }
  model.has_qkv_bias = qkv.present > 0;
  model.has_o_bias = output.present > 0;
  if (is_promised && !model.has_qkv_bias) {
    throw Error(Code::invalid_argument,
                place + ": attn_bias = 1, but there is no " + qkv.first_missing);
  }
  if (!is_promised && model.has_o_bias && !model.has_qkv_bias) {
    throw Error(Code::invalid_argument,
                place + ": there is a bias of wo, but no " + qkv.first_missing);
  }
  if (is_promised && !model.has_o_bias) {
    warnings.push_back(place + ": attn_bias = 1, but wo has no bias; it is taken as zero");
  }
  if (!is_promised && model.has_qkv_bias) {
    warnings.push_back(place + ": attn_bias is 0 or missing, but there are biases; they are used");
  }
}

void check_files(const TurbomindLayout& layout, const Architecture& model) {
  const std::uint32_t width = bytes_of(layout.type);
  ProblemList problems;
  for_each_file(
      model, layout.file_ranks, [&](Tensor tensor, std::uint32_t layer, std::uint32_t rank) {
        TensorShape shape = shape_of(tensor, model, layout.file_ranks);
        const bool is_vocab = tensor == Tensor::tok_embeddings || tensor == Tensor::output;
        if (is_vocab) shape.rows = model.vocab_size;
        const std::uint64_t row_bytes = shape.columns * width;
        const std::uint64_t padded_bytes = padded_vocab(model.vocab_size, layout.ranks) * row_bytes;
        const fs::path path = layout.folder / file_name_of(tensor, layer, rank);
        bool is_there = false;
        const std::uint64_t bytes = file_size(path, is_there);
        if (is_there && (bytes == shape.rows * row_bytes || (is_vocab && bytes == padded_bytes))) {
          return;
        }
        problems.add(path.string() + ": expected " + shape_text(shape, width) + ", found " +
                     (is_there ? std::to_string(bytes) + " bytes" : "no such file"));
      });
  problems.refuse_if_any(layout.folder.string());
}

void warn_of_extra_files(const TurbomindLayout& layout, const Architecture& model,
                         std::vector<std::string>& warnings) {
  std::set<std::string> expected{"config.ini"};
  for_each_file(model, layout.file_ranks,
                [&](Tensor tensor, std::uint32_t layer, std::uint32_t rank) {
                  expected.insert(file_name_of(tensor, layer, rank));
                });
  std::uint64_t count = 0;
  std::string first;
  for (const fs::directory_entry& entry : fs::directory_iterator(layout.folder)) {
    const std::string name = entry.path().filename().string();
    if (expected.count(name) != 0 || name.find("past_kv_scale") != std::string::npos) continue;
    if (count++ == 0 || name < first) first = name;
  }
  if (count == 0) return;
  warnings.push_back(layout.folder.string() + ": " + std::to_string(count) +
                     " file(s) are not part of this model and not read, such as " + first);
}

}  // namespace turbomind
