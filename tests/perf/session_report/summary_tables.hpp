// The tables of session.md. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "assumptions.hpp"
#include "model_cells.hpp"

namespace turbomind::perf {

struct PeerRow {
  std::uint32_t rows = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  double output_tok_s = 0;
};

std::string cells_table(const std::vector<Cell>& cells);

// Only the cells that ran.
std::string early_cells_table(const std::vector<Cell>& early_cells, const std::vector<Cell>& cells);

std::string peer_table(const std::vector<PeerRow>& peer, const std::vector<Cell>& cells);
std::string assumptions_table(const std::vector<Assumption>& assumptions);
std::string kernels_table(const std::vector<KernelTime>& kernels, const Ceilings& ceilings);

// The least time of a kernel by the ceilings.
double roof_s(const KernelTime& kernel, const Ceilings& ceilings);

}  // namespace turbomind::perf
