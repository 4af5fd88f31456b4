// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/huggingface_weights.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "turbomind/model/rank_share.hpp"

namespace turbomind {
namespace {

constexpr std::uint64_t kStripRows = 64;    // source rows read, then transposed, at once
constexpr std::uint64_t kTileColumns = 32;  // source columns per tile: all its lines stay cached

// out[k][place(c)] = strip[c][k] for elements of one size; row pitches in elements.
template <class Element, class Place>
void transpose(const std::byte* strip, std::uint64_t rows, std::uint64_t columns, std::byte* out,
               std::uint64_t out_columns, Place place) {
  for (std::uint64_t tile = 0; tile < columns; tile += kTileColumns) {
    const std::uint64_t end = std::min(tile + kTileColumns, columns);
    for (std::uint64_t k = tile; k < end; ++k) {
      std::byte* row = out + k * out_columns * sizeof(Element);
      for (std::uint64_t c = 0; c < rows; ++c) {
        std::memcpy(row + place(c) * sizeof(Element), strip + (c * columns + k) * sizeof(Element),
                    sizeof(Element));
      }
    }
  }
}

}  // namespace

struct HuggingfaceWeights::Block {
  std::uint64_t first_row;  // of the unsplit tensor: column of the source
  std::uint64_t row_count;
  std::uint64_t first_column;  // in out
  std::uint64_t out_columns;
  std::span<std::byte> out;
};

HuggingfaceWeights::HuggingfaceWeights(Architecture architecture, HuggingfaceCheckpoint checkpoint,
                                       DataType data_type)
    : architecture_(std::move(architecture)),
      checkpoint_(std::move(checkpoint)),
      data_type_(data_type) {}

// Embedding and head keep their order; rows beyond the vocabulary are zero.
void HuggingfaceWeights::read_whole_rows(const HuggingfacePart& part, std::uint64_t first_row,
                                         std::span<std::byte> out) const {
  const std::uint64_t row_bytes = part.columns * bytes_of(data_type_);
  const std::uint64_t rows_left = part.rows > first_row ? part.rows - first_row : 0;
  const std::uint64_t present = std::min(out.size() / row_bytes, rows_left) * row_bytes;
  const std::span<std::byte> padding = out.subspan(present);
  std::fill(padding.begin(), padding.end(), std::byte{0});
  constexpr std::uint64_t kChunkBytes = std::uint64_t{4} << 20U;
  const std::uint64_t chunk_rows = std::max<std::uint64_t>(kChunkBytes / row_bytes, 1);
  for (std::uint64_t done = 0; done < present; done += chunk_rows * row_bytes) {
    const std::uint64_t bytes = std::min(chunk_rows * row_bytes, present - done);
    const std::uint64_t row = first_row + done / row_bytes;
    checkpoint_.read(part.name, row * part.columns, data_type_, out.subspan(done, bytes));
  }
}

// Rows of the source become columns of out. A strip is a head where heads are reordered.
void HuggingfaceWeights::read_transposed(const HuggingfacePart& part,
                                         std::uint64_t first_source_row, std::uint64_t row_count,
                                         const Block& block) const {
  const std::uint64_t width = bytes_of(data_type_);
  const std::uint64_t head = architecture_.size_per_head;
  const std::uint64_t strip_rows = part.is_rotated ? head : kStripRows;
  std::vector<std::byte> strip;
  for (std::uint64_t done = 0; done < row_count; done += strip_rows) {
    const std::uint64_t rows = std::min(strip_rows, row_count - done);
    strip.resize(rows * block.row_count * width);
    const std::span<std::byte> all(strip);
    const std::uint64_t first = (first_source_row + done) * part.columns + block.first_row;
    if (block.row_count == part.columns) {
      checkpoint_.read(part.name, first, data_type_, all);
    } else {
      const std::uint64_t bytes = block.row_count * width;
      for (std::uint64_t row = 0; row < rows; ++row) {
        checkpoint_.read(part.name, first + row * part.columns, data_type_,
                         all.subspan(row * bytes, bytes));
      }
    }
    std::byte* out = block.out.data() + (block.first_column + done) * width;
    const auto place = [&](std::uint64_t row) {
      return part.is_rotated ? pair_place(row, head) : row;
    };
    if (width == 4) {
      transpose<std::uint32_t>(strip.data(), rows, block.row_count, out, block.out_columns, place);
    } else {
      transpose<std::uint16_t>(strip.data(), rows, block.row_count, out, block.out_columns, place);
    }
  }
}

void HuggingfaceWeights::read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                                   std::uint64_t first_row, std::uint64_t row_count,
                                   std::span<std::byte> out) const {
  const RankShare share = share_of(tensor, architecture_, slice);
  const std::vector<HuggingfacePart> parts = parts_of(tensor, layer, architecture_, checkpoint_);
  if (tensor == Tensor::tok_embeddings || tensor == Tensor::output) {
    read_whole_rows(parts[0], share.first_row + first_row, out);
    return;
  }
  Block block{share.first_row + first_row, row_count, 0, 0, out};
  for (const ColumnRun& run : share.columns()) block.out_columns += run.count;
  std::uint64_t part_begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ColumnRun& run = share.columns()[i];
    read_transposed(parts[i], run.first - part_begin, run.count, block);
    block.first_column += run.count;
    part_begin += parts[i].rows;
  }
}

}  // namespace turbomind
