// From the head size of a model to the one that an attention kernel is compiled for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind::cuda {

// body.operator()<kHeadDim>(). Throws Error(unsupported) for a size that no kernel has.
template <class Body>
void with_head_dim(std::uint32_t head_dim, const Body& body) {
  if (head_dim == 128) return body.template operator()<128>();
  if (head_dim == 64) return body.template operator()<64>();
  throw lmbench::sdk::Error(lmbench::Code::unsupported, "no attention kernel for heads of " +
                                                            std::to_string(head_dim) + " elements");
}

}  // namespace turbomind::cuda
