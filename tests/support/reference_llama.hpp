// A LLaMA-family model in double precision, written after the published definition of the model
// and sharing no code with any engine: Hugging Face layout, half-split rotation, one token at a
// time, plain loops. Slow, and what is right. Choosing tokens is reference_sampling's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "small_model.hpp"

namespace lmbench::test {

struct ReferenceShape {
  std::uint32_t heads = 0;     // H
  std::uint32_t kv_heads = 0;  // K; H % K == 0
  std::uint32_t head_size = 0;
  std::uint32_t hidden_size = 0;
  std::uint32_t layers = 0;
  std::uint32_t inter_size = 0;
  std::uint32_t vocab_size = 0;
  double norm_eps = 0;
  double rope_theta = 0;
};

// Rotates element j of a head together with element j + D/2, by position * theta^(-2j/D).
void rotate_half_split(std::span<double> head, std::uint64_t position, double theta);

// x / sqrt(mean(x^2) + epsilon) * weight.
std::vector<double> rms_norm(std::span<const double> x, std::span<const double> weight,
                             double epsilon);

class ReferenceLlama {
 public:
  // Tensors under their Hugging Face names. Biases are added where there are any; without an
  // lm_head.weight the embedding is the head, and the other way round. Throws std::runtime_error
  // for a tensor that is missing or of another size.
  ReferenceLlama(const ReferenceShape& shape, const std::vector<SmallTensor>& tensors);
  explicit ReferenceLlama(const SmallModel& model);

  // A Hugging Face directory with config.json and model.safetensors, values as they stand there.
  static ReferenceLlama read(const std::filesystem::path& folder);

  const ReferenceShape& shape() const { return shape_; }
 private:
  friend class ReferenceSequence;

  struct Linear {
    std::uint32_t in = 0;
    std::vector<double> weight;  // [out, in]
    std::vector<double> bias;    // [out], or empty

    std::vector<double> operator()(std::span<const double> x) const;
  };
  struct Layer {
    std::vector<double> attention_norm, ffn_norm;
    Linear q, k, v, o, gate, up, down;
  };
  using Tensors = std::map<std::string, const SmallTensor*>;

  static std::vector<double> vector_of(const Tensors& tensors, const std::string& name,
                                       std::uint64_t size);
  static Linear linear_of(const Tensors& tensors, const std::string& name, std::uint32_t out,
                          std::uint32_t in);

  ReferenceShape shape_;
  std::vector<double> embedding_;  // [V, h]
  std::vector<Layer> layers_;
  std::vector<double> norm_;
  Linear head_;
};

// A sequence under way: the keys and values of all its tokens.
class ReferenceSequence {
 public:
  // The model outlives the sequence.
  explicit ReferenceSequence(const ReferenceLlama& model);

  // Appends a token and gives the logits of what follows it.
  std::vector<double> append(std::int32_t token);
  std::vector<double> append(std::span<const std::int32_t> tokens);  // at least one

  std::uint64_t length() const { return length_; }
 private:
  struct LayerCache {
    std::vector<double> keys;    // [length, K * D], rotated
    std::vector<double> values;  // [length, K * D]
  };

  void append_to_stream(std::int32_t token, std::vector<double>& stream);
  std::vector<double> attend(const ReferenceLlama::Layer& layer, LayerCache& cache,
                             std::span<const double> x) const;
  void attend_head(std::span<const double> query, const LayerCache& cache, std::size_t kv_head,
                   std::span<double> out) const;

  const ReferenceLlama& model_;
  std::vector<LayerCache> caches_;  // by layer
  std::uint64_t length_ = 0;
};

}  // namespace lmbench::test
