#include "checker/contract.h"
#include "checker/round.h"

static contract_start *const starters[CONTRACT_COUNT] = {
    [CONTRACT_STEPS] = round_start,
};

contract_start *
contract_starter(enum contract contract)
{
	return starters[contract];
}
