// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/dummy_weights.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "turbomind/model/element_conversion.hpp"
#include "turbomind/model/philox.hpp"
#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

constexpr std::uint64_t kPerCall = 8;   // elements of one Philox call
constexpr std::uint64_t kBlock = 1024;  // elements made at once; fits the first-level cache
constexpr std::uint64_t kCalls = kBlock / kPerCall;

// Where the numbers of one tensor come from.
struct Stream {
  PhiloxKey key;
  std::uint32_t tensor;
  std::uint32_t layer;
  float centre;
  float scale;
};

// 65536 levels from -65535 to 65535 in steps of 2 have a standard deviation of 65536 / sqrt(3).
// Eight significant bits, so that level * scale, of 24 bits, is exact in fp32.
float scale_of(double deviation) {
  int exponent = 0;
  const double mantissa = std::frexp(deviation * std::sqrt(3.0) / 65536, &exponent);
  return static_cast<float>(std::ldexp(std::round(mantissa * 256), exponent - 8));
}

Stream stream_of(Tensor tensor, std::uint32_t layer, const Architecture& model,
                 std::uint64_t seed) {
  const auto inverse_root = [](std::uint64_t n) { return 1.0 / std::sqrt(static_cast<double>(n)); };
  // A tied head is the embedding. 1/sqrt(h) for both keeps logits near 1 in either case.
  const bool is_embedding = tensor == Tensor::output && model.is_head_tied;
  const Tensor source = is_embedding ? Tensor::tok_embeddings : tensor;
  Stream stream{philox_key(seed), static_cast<std::uint32_t>(source),
                is_of_layer(tensor) ? layer : 0, 0.0F, 0.0F};
  switch (tensor) {
    case Tensor::norm:
    case Tensor::attention_norm:
    case Tensor::ffn_norm:
      stream.centre = 1.0F;
      stream.scale = scale_of(0.1);
      break;
    case Tensor::w_qkv_bias:
    case Tensor::wo_bias:
      stream.scale = scale_of(0.02);
      break;
    case Tensor::wo:
      stream.scale = scale_of(inverse_root(std::uint64_t{model.head_num} * model.size_per_head));
      break;
    case Tensor::w2:
      stream.scale = scale_of(inverse_root(model.inter_size));
      break;
    default:
      stream.scale = scale_of(inverse_root(model.hidden_size));
  }
  return stream;
}

// The words of kCalls consecutive calls.
PhiloxCounters<kCalls> make_words(const Stream& stream, std::uint64_t first_call) {
  PhiloxCounters<kCalls> words;
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    words[0][i] = static_cast<std::uint32_t>(first_call + i);
    words[1][i] = static_cast<std::uint32_t>((first_call + i) >> 32U);
  }
  words[2].fill(stream.tensor);
  words[3].fill(stream.layer);
  philox_each(words, stream.key);
  return words;
}

float value_of(std::uint32_t bits, const Stream& stream) {
  const auto level = static_cast<float>(2 * static_cast<std::int32_t>(bits) - 65535);
  return stream.centre + level * stream.scale;
}

// Elements [kBlock * block, kBlock * (block + 1)) of the stream.
void make_block(const Stream& stream, std::uint64_t block, std::array<float, kBlock>& values) {
  const PhiloxCounters<kCalls> words = make_words(stream, block * kCalls);
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    for (std::uint64_t w = 0; w < 4; ++w) {
      const std::uint32_t word = words[w][i];
      values[i * kPerCall + 2 * w] = value_of(word & 0xFFFFU, stream);
      values[i * kPerCall + 2 * w + 1] = value_of(word >> 16U, stream);
    }
  }
}

// Hands out runs of elements in ascending order, making each block once.
class Generator {
 public:
  Generator(const Stream& stream, DataType type) : stream_(stream), type_(type) {}

  void read(std::uint64_t first, std::span<std::byte> out) {
    const std::uint32_t width = bytes_of(type_);
    while (!out.empty()) {
      if (first / kBlock != block_) {
        block_ = first / kBlock;
        make_block(stream_, block_, values_);
        convert_elements(std::as_bytes(std::span(values_)), DataType::fp32,
                         std::span(elements_).first(kBlock * width), type_);
      }
      const std::uint64_t offset = first % kBlock;
      const std::uint64_t bytes = std::min<std::uint64_t>((kBlock - offset) * width, out.size());
      std::copy_n(elements_.data() + offset * width, bytes, out.data());
      out = out.subspan(bytes);
      first += bytes / width;
    }
  }
 private:
  Stream stream_;
  DataType type_;
  std::uint64_t block_ = ~std::uint64_t{0};
  std::array<float, kBlock> values_{};
  std::array<std::byte, kBlock * sizeof(float)> elements_{};
};

}  // namespace

DummyWeights::DummyWeights(Architecture architecture, DataType data_type, std::uint64_t seed)
    : architecture_(std::move(architecture)), data_type_(data_type), seed_(seed) {}

void DummyWeights::read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                             std::uint64_t first_row, std::uint64_t row_count,
                             std::span<std::byte> out) const {
  const RankShare share = share_of(tensor, architecture_, slice);
  const bool is_vocab = tensor == Tensor::tok_embeddings || tensor == Tensor::output;
  const std::uint64_t rows = is_vocab ? architecture_.vocab_size : share.unsplit_rows;
  Generator generator(stream_of(tensor, layer, architecture_, seed_), data_type_);
  for (std::uint64_t i = 0; i < row_count; ++i) {
    const std::uint64_t row = share.first_row + first_row + i;
    for (const ColumnRun& run : share.columns()) {
      const std::span<std::byte> part = out.first(run.count * bytes_of(data_type_));
      if (row < rows) {
        generator.read(row * share.unsplit_columns + run.first, part);
      } else {
        std::fill(part.begin(), part.end(), std::byte{0});
      }
      out = out.subspan(part.size());
    }
  }
}

}  // namespace turbomind
