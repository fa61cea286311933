#include "checker/contract.h"
#include "checker/round.h"

static contract_start *const starters[CONTRACT_COUNT] = {
    [CONTRACT_STEPS] = round_start,
    [CONTRACT_FORCAD] = forcad_start,
    [CONTRACT_HACKERDOM] = hackerdom_start,
    [CONTRACT_CTF01D] = ctf01d_start,
    [CONTRACT_FAUST] = faust_start,
    [CONTRACT_ENO] = eno_start,
    [CONTRACT_EXPLOIT] = exploit_start,
};

contract_start *
contract_starter(enum contract contract)
{
	return starters[contract];
}
