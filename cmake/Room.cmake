# One library per room of the house (docs/architecture.md): trunkline_room(comm DEPENDS core_tensor MPI::MPI_CXX)
# compiles every source in src/comm. A room sees only what it names, so a wrong include is a link error.
function(trunkline_export name)   # as trunkline::NAME of the installed package
  set_target_properties(trunkline_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY TRUNKLINE_ROOMS trunkline_${name})
endfunction()

function(trunkline_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)   # declared in headers only
    add_library(trunkline_${name} INTERFACE)
    add_library(trunkline::${name} ALIAS trunkline_${name})
    target_include_directories(trunkline_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    target_link_libraries(trunkline_${name} INTERFACE ${ROOM_DEPENDS})
    trunkline_export(${name})
    return()
  endif()
  add_library(trunkline_${name} STATIC ${sources})
  add_library(trunkline::${name} ALIAS trunkline_${name})
  target_include_directories(trunkline_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  target_link_libraries(trunkline_${name} PUBLIC ${ROOM_DEPENDS}
    PRIVATE ${ROOM_PRIVATE} $<BUILD_INTERFACE:trunkline_warnings>)
  trunkline_export(${name})
endfunction()

# A backend that is chosen by which sources are compiled: trunkline_backend(comm cuda ON …) adds src/comm/cuda to the
# room comm, or src/comm/no_cuda where the third argument is off; DEPENDS is what the former needs. Its objects are a
# target of their own, trunkline_comm_cuda, so that only they see what they depend on.
function(trunkline_backend room name chosen)
  cmake_parse_arguments(BACKEND "" "" "DEPENDS" ${ARGN})
  set(folder ${name})
  if(NOT chosen)
    set(folder no_${name})
    set(BACKEND_DEPENDS "")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/${folder}/*.cpp)
  add_library(trunkline_${room}_${folder} OBJECT ${sources})
  target_include_directories(trunkline_${room}_${folder} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(trunkline_${room}_${folder} PRIVATE trunkline::core_tensor ${BACKEND_DEPENDS} trunkline_warnings)
  target_sources(trunkline_${room} PRIVATE $<TARGET_OBJECTS:trunkline_${room}_${folder}>)
  foreach(library IN LISTS BACKEND_DEPENDS)
    target_link_libraries(trunkline_${room} INTERFACE $<LINK_ONLY:${library}>)
  endforeach()
endfunction()
