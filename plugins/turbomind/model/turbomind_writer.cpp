// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/turbomind_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <lmbench/plugin.hpp>
#include <system_error>
#include <vector>

#include "turbomind/model/rank_share.hpp"
#include "turbomind/model/turbomind_files.hpp"

namespace turbomind {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint64_t kMostBlockBytes = std::uint64_t{256} << 20U;

class OutputFile {
 public:
  explicit OutputFile(const fs::path& path) : path_(path), stream_(path, std::ios::binary) {
    check();
  }
  void write(std::span<const std::byte> bytes) {
    stream_.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
    check();
  }
  void close() {
    stream_.close();
    check();
  }
 private:
  void check() const {
    if (stream_) return;
    throw Error(Code::internal,
                "cannot write " + path_.string() + ": " + std::generic_category().message(errno));
  }
  fs::path path_;
  std::ofstream stream_;
};

class Writer {
 public:
  Writer(const WeightSource& source, std::uint32_t ranks, fs::path folder,
         const FractionSink& progress)
      : source_(source), ranks_(ranks), folder_(std::move(folder)), progress_(progress) {
    for_each_tensor(source.architecture(), [&](Tensor tensor, std::uint32_t) {
      total_bytes_ += share_bytes(tensor) * shares_of(tensor);
    });
  }

  // Files of one rank each; the head is one file, its ranks' rows one after another.
  void write(Tensor tensor, std::uint32_t layer) {
    if (!is_of_rank(tensor)) {
      OutputFile file(folder_ / file_name_of(tensor, layer, 0));
      for (std::uint32_t rank = 0; rank < shares_of(tensor); ++rank) {
        append(tensor, layer, rank, file);
      }
      file.close();
      return;
    }
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      OutputFile file(folder_ / file_name_of(tensor, layer, rank));
      append(tensor, layer, rank, file);
      file.close();
    }
  }
  void write_zero_bias(std::uint32_t layer) {
    const std::vector<std::byte> zeros(share_bytes(Tensor::wo_bias));
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      OutputFile file(folder_ / file_name_of(Tensor::wo_bias, layer, rank));
      file.write(zeros);
      file.close();
    }
  }
 private:
  std::uint32_t shares_of(Tensor tensor) const {
    return is_of_rank(tensor) || tensor == Tensor::output ? ranks_ : 1;
  }
  std::uint64_t row_bytes(Tensor tensor) const {
    return shape_of(tensor, source_.architecture(), ranks_).columns * bytes_of(source_.data_type());
  }
  std::uint64_t share_bytes(Tensor tensor) const {
    return shape_of(tensor, source_.architecture(), ranks_).rows * row_bytes(tensor);
  }

  void append(Tensor tensor, std::uint32_t layer, std::uint32_t rank, OutputFile& file) {
    const std::uint64_t rows = shape_of(tensor, source_.architecture(), ranks_).rows;
    const std::uint64_t most_rows = std::max<std::uint64_t>(kMostBlockBytes / row_bytes(tensor), 1);
    for (std::uint64_t row = 0; row < rows; row += most_rows) {
      const std::uint64_t count = std::min(most_rows, rows - row);
      block_.resize(count * row_bytes(tensor));
      source_.read_rows(tensor, layer, {rank, ranks_}, row, count, block_);
      file.write(block_);
      done_bytes_ += block_.size();
      progress_(static_cast<double>(done_bytes_) / static_cast<double>(total_bytes_));
    }
  }

  const WeightSource& source_;
  std::uint32_t ranks_;
  fs::path folder_;
  const FractionSink& progress_;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::vector<std::byte> block_;
};

}  // namespace

void write_turbomind_weights(const WeightSource& source, std::uint32_t ranks,
                             const fs::path& folder, const FractionSink& progress) {
  const Architecture& model = source.architecture();
  Writer writer(source, ranks, folder, progress);
  for_each_tensor(model, [&](Tensor tensor, std::uint32_t layer) { writer.write(tensor, layer); });
  if (!model.has_qkv_bias || model.has_o_bias) return;
  for (std::uint32_t layer = 0; layer < model.num_layer; ++layer) writer.write_zero_bias(layer);
}

}  // namespace turbomind
