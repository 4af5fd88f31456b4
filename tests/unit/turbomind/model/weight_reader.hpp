// What the tests of weight sources share: a whole share of a tensor as bytes or as numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "turbomind/model/element_conversion.hpp"
#include "turbomind/model/open_model.hpp"
#include "turbomind/model/rank_share.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind::test {

inline std::vector<std::byte> bytes_of_share(const WeightSource& source, Tensor tensor,
                                             std::uint32_t layer, RankSlice slice) {
  const TensorShape shape = shape_of(tensor, source.architecture(), slice.ranks);
  std::vector<std::byte> bytes(shape.rows * shape.columns * bytes_of(source.data_type()));
  source.read_rows(tensor, layer, slice, 0, shape.rows, bytes);
  return bytes;
}

inline std::vector<float> values_of_share(const WeightSource& source, Tensor tensor,
                                          std::uint32_t layer, RankSlice slice) {
  const std::vector<std::byte> bytes = bytes_of_share(source, tensor, layer, slice);
  std::vector<float> values(bytes.size() / bytes_of(source.data_type()));
  convert_elements(bytes, source.data_type(), std::as_writable_bytes(std::span(values)),
                   DataType::fp32);
  return values;
}

// Name and layer of the first tensor in which two sources differ on some rank; empty: equal.
inline std::string first_difference(const WeightSource& a, const WeightSource& b,
                                    std::uint32_t ranks) {
  std::string different;
  for_each_tensor(a.architecture(), [&](Tensor tensor, std::uint32_t layer) {
    for (std::uint32_t rank = 0; rank < ranks && different.empty(); ++rank) {
      const RankSlice slice{rank, ranks};
      if (bytes_of_share(a, tensor, layer, slice) != bytes_of_share(b, tensor, layer, slice)) {
        different = name_of(tensor, layer) + " of rank " + std::to_string(rank);
      }
    }
  });
  return different;
}

inline ModelRequest request_for(const std::string& path, std::uint32_t ranks = 1) {
  ModelRequest request;
  request.path = path;
  request.ranks = ranks;
  return request;
}

}  // namespace turbomind::test
