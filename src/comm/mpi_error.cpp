#include "mpi_error.hpp"

#include <mpi.h>

#include <array>

#include "trunkline/core/error.hpp"

namespace trunkline {

std::string mpi_error_text(int status) {
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  if (MPI_Error_string(status, text.data(), &length) != MPI_SUCCESS)
    return fmt::format("MPI error {}", status);
  return {text.data(), static_cast<std::size_t>(length)};
}

void check_mpi(int status, const std::string& where) {
  check<CommunicationError>(status == MPI_SUCCESS, "{}: {}", where, mpi_error_text(status));
}

}  // namespace trunkline
