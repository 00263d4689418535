import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ description: "What goes with a token that is removed." })
export class TokenLoss {
  @Field(() => Int, { description: "Apps and books owned through it." })
  apps!: number;

  @Field(() => Int, { description: "Licences out: being claimed, held, or on their way back." })
  licenses!: number;

  @Field(() => Int, {
    description: "Those of them that can be taken back; the others stay with their holders for good.",
  })
  returnableLicenses!: number;

  @Field(() => Int, { description: "Deployments of its apps." })
  deployments!: number;

  @Field(() => Int, { description: "Installations that wait, or are under way." })
  openInstallations!: number;

  @Field(() => Int, {
    description: "Installations on devices: the apps stay there, and lose their licences if those are returned.",
  })
  installedInstallations!: number;

  @Field(() => Int, { description: "Registrations of people with Apple; they stay at Apple." })
  registrations!: number;

  @Field(() => Int, { description: "Changes at Apple that are under way." })
  openOperations!: number;
}
