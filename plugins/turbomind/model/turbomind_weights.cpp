// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/turbomind_weights.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <utility>
#include <vector>

#include "turbomind/model/element_conversion.hpp"

namespace turbomind {
namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t kRunBytes = 4096;  // longer runs are read one by one, others with the rows

std::uint64_t columns_of(const RankShare& share) {
  std::uint64_t columns = 0;
  for (const ColumnRun& run : share.columns()) columns += run.count;
  return columns;
}

// Rows of the file from first_row on, cut to the runs of the share.
void read_runs(const WeightFile& file, const RankShare& share, std::uint64_t first_row,
               std::uint32_t width, std::span<std::byte> out) {
  const std::uint64_t row_bytes = share.unsplit_columns * width;
  for (std::uint64_t offset = first_row * row_bytes; !out.empty(); offset += row_bytes) {
    for (const ColumnRun& run : share.columns()) {
      file.read(offset + run.first * width, out.first(run.count * width));
      out = out.subspan(run.count * width);
    }
  }
}

void read_rows_and_cut(const WeightFile& file, const RankShare& share, std::uint64_t first_row,
                       std::uint32_t width, std::span<std::byte> out) {
  const std::uint64_t row_bytes = share.unsplit_columns * width;
  const std::uint64_t out_row_bytes = columns_of(share) * width;
  const std::uint64_t most_rows = std::max<std::uint64_t>(kChunkBytes / row_bytes, 1);
  std::vector<std::byte> rows;
  while (!out.empty()) {
    const std::uint64_t count = std::min(most_rows, out.size() / out_row_bytes);
    rows.resize(count * row_bytes);
    file.read(first_row * row_bytes, rows);
    first_row += count;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::byte* row = rows.data() + i * row_bytes;
      for (const ColumnRun& run : share.columns()) {
        std::copy_n(row + run.first * width, run.count * width, out.data());
        out = out.subspan(run.count * width);
      }
    }
  }
}

}  // namespace

TurbomindWeights::TurbomindWeights(Architecture architecture, TurbomindLayout layout,
                                   DataType data_type)
    : architecture_(std::move(architecture)), layout_(std::move(layout)), data_type_(data_type) {}

// A file of one rank is that rank's share as a whole.
RankShare TurbomindWeights::share_in_file(Tensor tensor, RankSlice slice) const {
  if (!is_of_rank(tensor) || layout_.file_ranks == 1) {
    return share_of(tensor, architecture_, slice);
  }
  const TensorShape shape = shape_of(tensor, architecture_, slice.ranks);
  RankShare share{.unsplit_rows = shape.rows, .unsplit_columns = shape.columns};
  share.runs[0] = {0, shape.columns};
  return share;
}

void TurbomindWeights::read_raw(const WeightFile& file, const RankShare& share,
                                std::uint64_t first_row, std::span<std::byte> out) const {
  const std::uint32_t width = bytes_of(layout_.type);
  const std::uint64_t row_bytes = columns_of(share) * width;
  const std::uint64_t rows_left =
      share.unsplit_rows > first_row ? share.unsplit_rows - first_row : 0;
  const std::uint64_t present = std::min(out.size() / row_bytes, rows_left);
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(present * row_bytes), out.end(),
            std::byte{0});
  out = out.first(present * row_bytes);
  if (row_bytes == share.unsplit_columns * width) {
    file.read(first_row * row_bytes, out);
  } else if (share.runs[0].count * width >= kRunBytes) {
    read_runs(file, share, first_row, width, out);
  } else {
    read_rows_and_cut(file, share, first_row, width, out);
  }
}

void TurbomindWeights::read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                                 std::uint64_t first_row, std::uint64_t row_count,
                                 std::span<std::byte> out) const {
  if (slice.ranks != layout_.ranks) {
    throw lmbench::sdk::Error(lmbench::Code::internal, "weights opened for another tp");
  }
  RankShare share = share_in_file(tensor, slice);
  const std::uint32_t file_rank = layout_.file_ranks == 1 ? 0 : slice.rank;
  const WeightFile file(layout_.folder / file_name_of(tensor, layer, file_rank));
  first_row += share.first_row;
  const bool is_vocab = tensor == Tensor::tok_embeddings || tensor == Tensor::output;
  if (is_vocab)
    share.unsplit_rows = file.size_bytes() / (share.unsplit_columns * bytes_of(layout_.type));
  if (layout_.type == data_type_) {
    read_raw(file, share, first_row, out);
    return;
  }
  const std::uint64_t columns = columns_of(share);
  const std::uint64_t raw_row_bytes = columns * bytes_of(layout_.type);
  const std::uint64_t most_rows = std::max<std::uint64_t>(kChunkBytes / raw_row_bytes, 1);
  std::vector<std::byte> raw;
  for (std::uint64_t done = 0; done < row_count;) {
    const std::uint64_t count = std::min(most_rows, row_count - done);
    raw.resize(count * raw_row_bytes);
    read_raw(file, share, first_row + done, raw);
    const std::span<std::byte> part = out.first(count * columns * bytes_of(data_type_));
    convert_elements(raw, layout_.type, part, data_type_);
    out = out.subspan(part.size());
    done += count;
  }
}

}  // namespace turbomind
