// Cuts a large product into pieces that oneDNN is good at, see matrix_product.hpp.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/matrix_product.hpp"

#include <algorithm>
#include <vector>

#include "turbomind/cpu/kernels/onednn_product.hpp"

namespace turbomind {
namespace {

constexpr std::uint32_t kSkinnyRows = 16;  // one reading of the weights by our own kernel
constexpr std::uint32_t kPieceRows = 256;  // bounds the number of primitives and the workspace
constexpr std::uint32_t kGateUpTiles = 4;  // 256 KiB of sums: they stay in the L2 cache

OneDnnEpilogue onednn_epilogue(const GemmArguments& a) {
  if (a.epilogue == Epilogue::add) {
    return a.bias != nullptr ? OneDnnEpilogue::bias_add : OneDnnEpilogue::add;
  }
  return a.bias != nullptr ? OneDnnEpilogue::bias : OneDnnEpilogue::store;
}

}  // namespace

struct MatrixProduct::State {
  const Kernels& kernels;
  bool uses_onednn;
  OneDnnProduct onednn;
  std::vector<float> sums;  // of gate and up, before SwiGLU

  State(const Kernels& table, bool has_onednn) : kernels(table), uses_onednn(has_onednn) {}

  bool run_piece(const GemmArguments& a);
  bool run_rows(const GemmArguments& a, std::uint32_t row);
  void finish_gate_up(const GemmArguments& a, std::uint32_t row, std::uint32_t rows);
};

// Rows [row, row + kPieceRows) of a piece.
bool MatrixProduct::State::run_rows(const GemmArguments& a, std::uint32_t row) {
  const bool is_gate_up = a.weights->is_gate_up;
  const std::uint32_t column = a.range.begin * a.weights->columns_per_tile();
  const std::uint32_t tile_columns = (a.range.end - a.range.begin) * kTileColumns;
  OneDnnProblem problem{.epilogue = onednn_epilogue(a),
                        .rows = std::min(kPieceRows, a.rows - row),
                        .depth = a.weights->rows,
                        .columns = tile_columns,
                        .x_stride = a.x_stride,
                        .y_stride = a.y_stride};
  OneDnnOperands operands{.x = static_cast<const std::uint16_t*>(a.x) + row * a.x_stride,
                          .weights = a.weights->tile(a.range.begin),
                          .bias = a.bias == nullptr ? nullptr : a.bias + column,
                          .y = nullptr};
  if (is_gate_up) {
    sums.resize(std::size_t{kPieceRows} * kGateUpTiles * kTileColumns);
    problem.y_stride = tile_columns;
    operands.y = sums.data();
  } else {
    problem.columns = std::min(tile_columns, a.weights->columns - column);
    operands.y = static_cast<float*>(a.y) + row * a.y_stride + column;
  }
  if (!onednn.run(problem, operands)) return false;
  if (is_gate_up) finish_gate_up(a, row, problem.rows);
  return true;
}

void MatrixProduct::State::finish_gate_up(const GemmArguments& a, std::uint32_t row,
                                          std::uint32_t rows) {
  const std::uint32_t width = a.weights->columns_per_tile();
  const DataType type = activation_type(a.weights->type);
  const std::size_t stride = std::size_t{a.range.end - a.range.begin} * kTileColumns;
  for (std::uint32_t r = 0; r < rows; ++r) {
    const float* sum = sums.data() + r * stride;
    for (std::uint32_t t = a.range.begin; t < a.range.end; ++t, sum += kTileColumns) {
      const std::uint32_t column = t * width;
      std::byte* const y =
          static_cast<std::byte*>(a.y) + ((row + r) * a.y_stride + column) * bytes_of(type);
      kernels.swiglu(sum, sum + width, y, type, std::min(width, a.weights->columns - column));
    }
  }
}

// A run of tiles for all rows. False if oneDNN cannot do it; then nothing was done.
bool MatrixProduct::State::run_piece(const GemmArguments& a) {
  for (std::uint32_t row = 0; row < a.rows; row += kPieceRows) {
    if (!run_rows(a, row)) return false;
  }
  return true;
}

MatrixProduct::MatrixProduct(const Kernels& kernels) : MatrixProduct(kernels, gains(kernels.isa)) {}
MatrixProduct::MatrixProduct(const Kernels& kernels, bool uses_onednn)
    : state_(std::make_unique<State>(kernels, uses_onednn)) {}
MatrixProduct::~MatrixProduct() = default;

bool MatrixProduct::gains(Isa isa) noexcept { return isa == Isa::amx; }

void MatrixProduct::run(const GemmArguments& arguments) {
  if (arguments.range.begin >= arguments.range.end || arguments.rows == 0) return;
  const Kernels& kernels = state_->kernels;
  const PackedMatrix& matrix = *arguments.weights;
  if (arguments.rows <= kSkinnyRows || !state_->uses_onednn || matrix.type != DataType::bf16) {
    kernels.skinny_gemm(arguments);
    return;
  }
  const std::uint32_t tiles =
      matrix.is_gate_up ? kGateUpTiles : arguments.range.end - arguments.range.begin;
  GemmArguments piece = arguments;
  for (std::uint32_t t = arguments.range.begin; t < arguments.range.end; t += tiles) {
    piece.range = {t, std::min(t + tiles, arguments.range.end)};
    if (!state_->run_piece(piece)) kernels.skinny_gemm(piece);
  }
}

}  // namespace turbomind
