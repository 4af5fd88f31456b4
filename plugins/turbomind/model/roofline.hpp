// The least work of a pass, by formula: bytes that must be read or written once, and two operations
// per multiply-add that the model asks for. Of one rank; the busiest, as all are alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

struct SequenceWork {
  double kv_bytes = 0;
  double flops = 0;
};

class Roofline {
 public:
  Roofline(const Architecture& model, DataType type, std::uint32_t ranks)
      : layers_(model.num_layer), element_bytes_(bytes_of(type)) {
    const double hidden = model.hidden_size;
    const double inter = static_cast<double>(model.inter_size) / ranks;
    queries_ = static_cast<double>(model.head_num) / ranks * model.size_per_head;
    keys_ = static_cast<double>(model.kv_head_num) / ranks * model.size_per_head;
    linear_ = layers_ * (hidden * (queries_ + 2 * keys_) + queries_ * hidden + 3 * hidden * inter);
    head_ = static_cast<double>(padded_vocab(model.vocab_size, ranks)) / ranks * hidden;
    small_ = (2 * layers_ + 1) * hidden;  // norms
    if (model.has_qkv_bias) small_ += layers_ * (queries_ + 2 * keys_);
    if (model.has_o_bias) small_ += layers_ * hidden;
  }

  // W: what every pass reads, without the rows of the embedding.
  double weight_bytes() const { return (linear_ + head_ + small_) * element_bytes_; }

  double kv_bytes_per_token() const { return 2 * layers_ * keys_ * element_bytes_; }

  // One sequence's share of a pass: `tokens` new ones after `context` known ones. A decode step
  // (one token) reads its own key and value back; a prefill attends to what it still holds.
  SequenceWork sequence_work(std::uint64_t context, std::uint64_t tokens, bool samples) const {
    const auto known = static_cast<double>(context);
    const auto fresh = static_cast<double>(tokens);
    const double attended = known * fresh + fresh * (fresh + 1) / 2;  // pairs of query and key
    SequenceWork work;
    work.kv_bytes = (known + fresh + (tokens == 1 ? 1 : 0)) * kv_bytes_per_token();
    work.flops =
        2 * fresh * linear_ + (samples ? 2 * head_ : 0) + 4 * layers_ * queries_ * attended;
    return work;
  }
 private:
  double layers_;
  double element_bytes_;
  double queries_ = 0;  // H * D / T
  double keys_ = 0;     // K * D / T
  double linear_ = 0;   // elements of all layers' matrices: P_lin
  double head_ = 0;     // P_head
  double small_ = 0;
};

}  // namespace turbomind
