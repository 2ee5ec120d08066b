// Return codes of MPI calls as exceptions.
#pragma once

#include <string>

namespace trunkline {

/// What MPI says about a return code.
std::string mpi_error_text(int status);

/// @throws CommunicationError "where: what MPI says" unless status is MPI_SUCCESS
void check_mpi(int status, const std::string& where);

}  // namespace trunkline
