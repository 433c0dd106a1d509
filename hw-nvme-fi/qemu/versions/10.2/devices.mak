# What this version does not complete by itself: the nvme device calls the
# SPDM socket, and the ACPI tables of a PC call CXL, for which it has no stub.
CONFIG_SPDM_SOCKET=y
CONFIG_CXL=y
CONFIG_PXB=y
CONFIG_CXL_MEM_DEVICE=y
