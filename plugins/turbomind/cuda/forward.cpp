// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/forward.hpp"

#include <cmath>

#include "turbomind/cuda/kernels/decode_attention.hpp"
#include "turbomind/cuda/kernels/embedding.hpp"
#include "turbomind/cuda/kernels/norm.hpp"
#include "turbomind/cuda/kernels/skinny_gemm.hpp"
#include "turbomind/cuda/kernels/swiglu.hpp"

namespace turbomind::cuda {
namespace {

bool is_skinny(std::uint32_t rows) { return rows <= kSkinnyMaxRows; }

}  // namespace

Forward::Forward(const Parts& parts)
    : p_(parts),
      shape_(parts.weights.shape()),
      attention_scale_(1.0F / std::sqrt(static_cast<float>(shape_.head_dim))) {}

// What is written here is written again by the pass.
void Forward::prepare(std::uint32_t rows, std::uint32_t samples) {
  if (p_.communicator == nullptr) return;
  const Workspace& w = p_.workspace;
  const bool is_new = !is_skinny(rows) && prepared_rows_.insert(row_class(rows)).second;
  if (is_new) {
    const DeviceLayer& layer = p_.weights.layers().front();
    store_qkv(layer, rows);
    add_part(w.attention, layer.wo, layer.wo_bias, shape_.query_columns(), rows);
    store_gate_up(layer, rows);
    add_part(w.activated, layer.down, nullptr, shape_.inter_stride, rows);
  }
  const bool has_new_samples =
      !is_skinny(samples) && prepared_samples_.insert(row_class(samples)).second;
  if (has_new_samples) store_logits(samples);
  if (is_new || has_new_samples) p_.communicator->barrier();
}

void Forward::decode(const DecodePass& pass) {
  Workspace& w = p_.workspace;
  embed_decode({.type = shape_.type,
                .table = p_.weights.embedding(),
                .residual = w.residual,
                .stride = shape_.hidden_stride,
                .row_count = pass.rows},
               pass.batch, p_.slots, w.rows, p_.stream);  // the first of a graph: after nothing
  run_layers(pass.rows, [&](std::uint32_t layer) {
    decode_attention({.type = shape_.type,
                      .query = w.qkv,
                      .query_stride = query_stride(pass.rows),
                      .output = w.attention,
                      .kv = p_.kv.pages(),
                      .layer = layer,
                      .slots = &p_.slots,
                      .rows = &w.rows,
                      .row_count = pass.rows,
                      .heads = shape_.heads,
                      .scale = attention_scale_,
                      .max_context = pass.max_context,
                      .partials = w.partials,
                      .tickets = w.tickets},
                     queue());
  });
  sample({.slot = w.rows.slot, .position = w.rows.position, .count = pass.rows}, nullptr,
         pass.needs_all_logits);
}

void Forward::prefill(const PrefillPass& pass) {
  Workspace& w = p_.workspace;
  embed({.type = shape_.type,
         .table = p_.weights.embedding(),
         .residual = w.residual,
         .stride = shape_.hidden_stride,
         .row_count = pass.rows},
        w.rows, p_.stream);
  run_layers(pass.rows, [&](std::uint32_t layer) {
    prefill_attention({.type = shape_.type,
                       .query = w.qkv,
                       .query_stride = query_stride(pass.rows),
                       .output = w.attention,
                       .kv = p_.kv.pages(),
                       .layer = layer,
                       .slots = &p_.slots,
                       .tiles = pass.tiles,
                       .tile_count = pass.tile_count,
                       .heads = shape_.heads,
                       .scale = attention_scale_},
                      p_.stream);
  });
  if (pass.samples == 0) return;
  sample({.slot = pass.sample_slot, .position = pass.sample_position, .count = pass.samples},
         pass.sample_row, pass.needs_all_logits);
}

template <class Attend>
void Forward::run_layers(std::uint32_t rows, const Attend& attend) {
  std::uint32_t index = 0;
  for (const DeviceLayer& layer : p_.weights.layers()) {
    norm(layer.attention_norm, nullptr, rows);
    project_qkv(layer, index, rows);
    attend(index);
    add_to_residual(p_.workspace.attention, layer.wo, layer.wo_bias, shape_.query_columns(), rows);
    norm(layer.ffn_norm, nullptr, rows);
    feed_forward(layer, rows);
    add_to_residual(p_.workspace.activated, layer.down, nullptr, shape_.inter_stride, rows);
    ++index;
  }
}

void Forward::norm(const std::byte* weight, const std::uint32_t* row_of, std::uint32_t rows) {
  rms_norm({.type = shape_.type,
            .x = p_.workspace.residual,
            .weight = weight,
            .y = p_.workspace.normed,
            .row_of = row_of,
            .rows = rows,
            .columns = shape_.hidden,
            .stride = shape_.hidden_stride,
            .epsilon = p_.norm_eps},
           queue());
}

void Forward::project_qkv(const DeviceLayer& layer, std::uint32_t index, std::uint32_t rows) {
  Workspace& w = p_.workspace;
  if (is_skinny(rows)) {
    skinny_qkv({.type = shape_.type,
                .x = w.normed,
                .weights = layer.qkv,
                .rows = rows,
                .inputs = shape_.hidden_stride,
                .features = shape_.qkv_columns()},
               {.query = w.qkv,
                .bias = layer.qkv_bias,
                .kv = p_.kv.pages(),
                .layer = index,
                .slots = &p_.slots,
                .rows = &w.rows,
                .rope = p_.rope,
                .heads = shape_.heads},
               queue());
    return;
  }
  store_qkv(layer, rows);
  rope_append({.type = shape_.type,
               .qkv = w.qkv,
               .bias = layer.qkv_bias,
               .kv = p_.kv.pages(),
               .layer = index,
               .slots = &p_.slots,
               .rows = &w.rows,
               .rope = p_.rope,
               .row_count = rows,
               .heads = shape_.heads},
              p_.stream);
}

void Forward::store_qkv(const DeviceLayer& layer, std::uint32_t rows) {
  Workspace& w = p_.workspace;
  p_.large.store({rows, shape_.hidden_stride, shape_.qkv_columns()}, {w.normed, layer.qkv}, w.qkv);
}

void Forward::store_gate_up(const DeviceLayer& layer, std::uint32_t rows) {
  Workspace& w = p_.workspace;
  p_.large.store({rows, shape_.hidden_stride, 2 * shape_.inter_stride}, {w.normed, layer.gate_up},
                 w.gate_up);
}

void Forward::store_logits(std::uint32_t samples) {
  Workspace& w = p_.workspace;
  p_.large.logits({samples, shape_.hidden_stride, shape_.head_stride},
                  {w.normed, p_.weights.head()}, w.logits);
}

// This rank's part of a sum. The residual and the bias go in once: on the first rank.
void Forward::add_part(const std::byte* x, const std::byte* weights, const std::byte* bias,
                       std::uint32_t inputs, std::uint32_t rows) {
  Workspace& w = p_.workspace;
  const bool keeps = rank() == 0;
  if (is_skinny(rows)) {
    skinny_add({.type = shape_.type,
                .x = x,
                .weights = weights,
                .rows = rows,
                .inputs = inputs,
                .features = shape_.hidden_stride},
               {.residual = w.residual, .bias = bias, .keeps_residual = keeps}, queue());
    return;
  }
  // What the norm wrote has been read by now.
  p_.large.add(
      {rows, inputs, shape_.hidden_stride}, {x, weights},
      {.residual = w.residual, .bias = bias, .keeps_residual = keeps, .scratch = w.normed});
}

// The sum over the ranks is exchanged in place.
void Forward::add_to_residual(const std::byte* x, const std::byte* weights, const std::byte* bias,
                              std::uint32_t inputs, std::uint32_t rows) {
  add_part(x, weights, bias, inputs, rows);
  if (p_.communicator == nullptr) return;
  p_.communicator->all_reduce(p_.workspace.residual, std::size_t{rows} * shape_.hidden_stride,
                              shape_.type, p_.stream);
}

void Forward::feed_forward(const DeviceLayer& layer, std::uint32_t rows) {
  Workspace& w = p_.workspace;
  if (is_skinny(rows)) {
    skinny_swiglu({.type = shape_.type,
                   .x = w.normed,
                   .weights = layer.gate_up,
                   .rows = rows,
                   .inputs = shape_.hidden_stride,
                   .features = 2 * shape_.inter_stride},
                  w.activated, queue());
    return;
  }
  store_gate_up(layer, rows);
  swiglu({.type = shape_.type,
          .gate_up = w.gate_up,
          .y = w.activated,
          .rows = rows,
          .columns = shape_.inter_stride},
         p_.stream);
}

// Final norm, logits, the choice of a token and the books. All ranks see the same candidates or the
// same logits, and choose by the same rule: the same token.
void Forward::sample(const Samples& samples, const std::uint32_t* row_of, bool needs_all_logits) {
  Workspace& w = p_.workspace;
  norm(p_.weights.norm(), row_of, samples.count);
  if (is_skinny(samples.count)) {
    skinny_logits({.type = shape_.type,
                   .x = w.normed,
                   .weights = p_.weights.head(),
                   .rows = samples.count,
                   .inputs = shape_.hidden_stride,
                   .features = shape_.head_stride},
                  w.logits, queue());
  } else {
    store_logits(samples.count);
  }
  const std::size_t part = std::size_t{samples.count} * shape_.head_stride;
  Logits logits{.data = w.logits,
                .row_stride = shape_.head_stride,
                .columns = shape_.head_columns,
                .part_stride = part,
                .first_token = 0,
                .token_count = shape_.vocab};
  if (p_.communicator == nullptr) {
    judge(samples, logits, p_.slots, true, w.candidates, queue());
    settle(samples, w.candidates, 1, p_.slots, p_.ring, queue());
    return;
  }
  if (needs_all_logits) {
    p_.communicator->all_gather(w.logits, w.all_logits, part * sizeof(float), p_.stream);
    logits.data = w.all_logits;
    judge(samples, logits, p_.slots, true, w.candidates, queue());
    settle(samples, w.candidates, 1, p_.slots, p_.ring, queue());
    return;
  }
  logits.first_token = rank() * shape_.head_columns;
  const std::uint32_t left =
      shape_.vocab > logits.first_token ? shape_.vocab - logits.first_token : 0;
  logits.token_count = left < shape_.head_columns ? left : shape_.head_columns;
  judge(samples, logits, p_.slots, false, w.candidates, queue());
  p_.communicator->all_gather(w.candidates, w.all_candidates,
                              samples.count * sizeof(PackedCandidate), p_.stream);
  settle(samples, w.all_candidates, ranks(), p_.slots, p_.ring, queue());
}

// The skinny product writes queries alone; the large one leaves them among keys and values.
std::uint32_t Forward::query_stride(std::uint32_t rows) const noexcept {
  return is_skinny(rows) ? shape_.query_columns() : shape_.qkv_columns();
}

Queue Forward::queue() const noexcept { return {p_.stream, p_.starts_early}; }

std::uint32_t Forward::rank() const noexcept {
  return p_.communicator == nullptr ? 0 : p_.communicator->rank();
}

std::uint32_t Forward::ranks() const noexcept {
  return p_.communicator == nullptr ? 1 : p_.communicator->ranks();
}

}  // namespace turbomind::cuda
